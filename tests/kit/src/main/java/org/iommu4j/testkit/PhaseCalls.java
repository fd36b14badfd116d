package org.iommu4j.testkit;

import java.lang.reflect.Proxy;
import java.util.Optional;
import org.iommu4j.iommu.spi.Initialization.Enabled;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.IommuVendor;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the core and a vendor and is handed every call of every phase. As thread-safe as
 * its implementation.
 */
@FunctionalInterface
public interface PhaseCalls {
  /** Answers a call in the place of the vendor. */
  @Nullable Object answer(PhaseCall call) throws Throwable;

  /** Returns a vendor like another one, but for all calls coming here. */
  default IommuVendor of(IommuVendor vendor) {
    return before(IommuVendor.class, vendor);
  }

  private <T> T before(Class<T> type, T phase) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> before(answer(new PhaseCall(phase, method, arguments)))));
  }

  private @Nullable Object before(@Nullable Object answer) {
    if (answer instanceof Optional<?> found && found.orElse(null) instanceof IommuBoot boot) {
      return Optional.of(before(IommuBoot.class, boot));
    }
    if (answer instanceof Enabled on) {
      IommuProbe probe = before(IommuProbe.class, on.probe());
      return new Enabled(probe, on.defaultType(), on.defaultSource(), on.decision());
    }
    return answer instanceof IommuDriver driver ? before(IommuDriver.class, driver) : answer;
  }
}
