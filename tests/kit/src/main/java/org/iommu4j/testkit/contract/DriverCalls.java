package org.iommu4j.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.testkit.PhaseCall;
import org.iommu4j.testkit.PhaseCalls;
import org.jspecify.annotations.Nullable;

/** Notes the calls of a vendor's driver, from the one that begins a boot on. Not thread-safe. */
final class DriverCalls implements PhaseCalls {
  private static final String FIRST = "begin";

  private final List<String> names = new ArrayList<>();
  private @Nullable IommuDriver driver;

  /** Returns the names of the methods that were called, in order. */
  List<String> names() {
    return names;
  }

  /** Returns the driver that was started last. */
  IommuDriver driver() {
    return Objects.requireNonNull(driver, "the hardware is up");
  }

  @Override
  public @Nullable Object answer(PhaseCall call) throws Throwable {
    if (call.name().equals(FIRST)) {
      names.clear();
    }
    names.add(call.name());
    Object answer = call.make();
    driver = answer instanceof IommuDriver started ? started : driver;
    return answer;
  }
}
