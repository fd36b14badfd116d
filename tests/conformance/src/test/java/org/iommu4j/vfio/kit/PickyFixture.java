package org.iommu4j.vfio.kit;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.testkit.PhaseCalls;
import org.iommu4j.testkit.VendorFixture;
import org.jspecify.annotations.Nullable;

/** A vendor like another, but for domains, which take no second device. */
final class PickyFixture extends LikeFixture {
  private final Map<Object, PciDevice> firstOf = new HashMap<>();

  PickyFixture(VendorFixture like) {
    super(like);
  }

  @Override
  @Nullable Object answer(IommuDriver driver, Method method, @Nullable Object[] arguments)
      throws Throwable {
    if (method.getName().equals("attachDevice") && !isFirst(arguments)) {
      return Errno.EINVAL;
    }
    if (method.getName().equals("freeDomain")) {
      firstOf.remove(requireNonNull(arguments[0]));
    }
    return PhaseCalls.call(driver, method, arguments);
  }

  private boolean isFirst(@Nullable Object[] domainAndDevice) {
    PciDevice device = (PciDevice) requireNonNull(domainAndDevice[1]);
    return device.equals(
        firstOf.computeIfAbsent(requireNonNull(domainAndDevice[0]), domain -> device));
  }
}
