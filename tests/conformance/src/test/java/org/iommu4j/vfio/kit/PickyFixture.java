package org.iommu4j.vfio.kit;

import java.util.HashMap;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.testkit.PhaseCall;
import org.iommu4j.testkit.VendorFixture;
import org.jspecify.annotations.Nullable;

/** A vendor like another, but for domains, which take no second device. */
final class PickyFixture extends LikeFixture {
  private final Map<Object, PciDevice> firstOf = new HashMap<>();

  PickyFixture(VendorFixture like) {
    super(like);
  }

  @Override
  @Nullable Object answer(PhaseCall call) throws Throwable {
    if (call.name().equals("attachDevice") && !isFirst(call)) {
      return Errno.EINVAL;
    }
    if (call.name().equals("freeDomain")) {
      firstOf.remove(call.required(0));
    }
    return call.make();
  }

  private boolean isFirst(PhaseCall attach) {
    PciDevice device = (PciDevice) attach.required(1);
    return device.equals(firstOf.computeIfAbsent(attach.required(0), domain -> device));
  }
}
