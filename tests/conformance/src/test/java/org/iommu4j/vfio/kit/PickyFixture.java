package org.iommu4j.vfio.kit;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.testkit.VendorFixture;

/** A vendor like another, but for domains, which take no second device. */
final class PickyFixture extends LikeFixture {
  private final Map<Object, PciDevice> firstOf = new HashMap<>();

  PickyFixture(VendorFixture like) {
    super(like);
  }

  @Override
  Object answer(IommuDriver driver, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("attachDevice")
        && !arguments[1].equals(
            firstOf.computeIfAbsent(arguments[0], domain -> (PciDevice) arguments[1]))) {
      return Errno.EINVAL;
    }
    if (method.getName().equals("freeDomain")) {
      firstOf.remove((IommuDomain) arguments[0]);
    }
    return call(driver, method, arguments);
  }
}
