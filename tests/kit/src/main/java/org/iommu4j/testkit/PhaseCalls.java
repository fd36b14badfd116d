package org.iommu4j.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
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
  /** The arguments of a call that takes none, for which a proxy is handed null. */
  @Nullable Object[] NONE = {};

  /**
   * Answers a call in the place of the vendor.
   *
   * @param phase who was called: the vendor, or a phase of its driver
   * @param arguments what the call was given; empty if it takes nothing
   */
  @Nullable Object answer(Object phase, Method method, @Nullable Object[] arguments)
      throws Throwable;

  /** Makes the call and returns what it returns. */
  static @Nullable Object call(Object phase, Method method, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(phase, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  /** Returns a vendor like another one, but for all calls coming here. */
  default IommuVendor of(IommuVendor vendor) {
    return before(IommuVendor.class, vendor);
  }

  private <T> T before(Class<T> type, T phase) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                before(answer(phase, method, arguments == null ? NONE : arguments))));
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
