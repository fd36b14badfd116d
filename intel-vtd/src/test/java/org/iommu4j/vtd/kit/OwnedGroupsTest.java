package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has a group, and what it reaches meanwhile, with VT-d of the releases that have owners. */
final class OwnedGroupsTest {
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;
  private static final Object OWNER = "the owner";

  private static Rig boot(String series) {
    return Rig.boot(IntelFixture.STRICT_QUEUE, "", rules(series));
  }

  private static KernelRules rules(String series) {
    return KernelReleases.named(series).orElseThrow();
  }

  private static IommuGroup group(Rig rig) {
    return rig.system().iommu().group(rig.address()).orElseThrow();
  }

  private static IommuDomain alloc(Rig rig) {
    return Objects.requireNonNull(rig.system().iommu().domainAlloc());
  }

  private static Optional<HardwareEntry> entry(Rig rig) {
    return rig.system().hardwareEntry(rig.address());
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aClaimedGroupReachesOnlyWhatItsOwnerAttaches(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuGroup group = group(rig);
    IommuDomain own = alloc(rig);
    assertEquals(0, iommu.map(own, 0x5000, 0x40_0000, 0x1000, BOTH_WAYS));
    assertFalse(iommu.dmaOwnerClaimed(group));

    assertEquals(0, iommu.claimDmaOwner(group, OWNER));
    assertTrue(iommu.dmaOwnerClaimed(group));
    assertFalse(rig.canRead(0x5000));
    assertEquals(0, iommu.attachGroup(own, group));
    assertTrue(rig.canRead(0x5000));
    iommu.detachGroup(own, group);
    assertFalse(rig.canRead(0x5000));
    assertNotEquals(group.defaultDomain(), group.domain());

    iommu.releaseDmaOwner(group);
    assertFalse(iommu.dmaOwnerClaimed(group));
    assertEquals(group.defaultDomain(), group.domain());
  }

  @Test
  void blockedIsAnEmptyTableInOneReleaseAndNoEntryInTheNext() {
    Rig older = boot("6.1");
    assertEquals(0, older.system().iommu().claimDmaOwner(group(older), OWNER));
    assertEquals(DomainType.UNMANAGED, group(older).domain().orElseThrow().type());
    assertTrue(group(older).domain().orElseThrow().isWalkedBy(entry(older).orElseThrow()));

    Rig newer = boot("6.12");
    assertTrue(group(newer).domain().orElseThrow().isWalkedBy(entry(newer).orElseThrow()));
    assertEquals(0, newer.system().iommu().claimDmaOwner(group(newer), OWNER));
    assertEquals(DomainType.BLOCKED, group(newer).domain().orElseThrow().type());
    assertEquals(Optional.empty(), entry(newer));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aGroupHasOneOwnerAtATime(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuGroup group = group(rig);
    assertEquals(0, iommu.useDefaultDomain(rig.address()));
    assertEquals(Errno.EPERM, iommu.claimDmaOwner(group, OWNER), "a driver of the kernel has it");
    iommu.unuseDefaultDomain(rig.address());
    assertEquals(0, iommu.claimDmaOwner(group, OWNER));
    assertEquals(Errno.EPERM, iommu.claimDmaOwner(group, OWNER));
    assertEquals(Errno.EBUSY, iommu.useDefaultDomain(rig.address()));
    iommu.releaseDmaOwner(group);

    IommuDomain own = alloc(rig);
    assertEquals(0, iommu.attachGroup(own, group));
    assertEquals(Errno.EBUSY, iommu.claimDmaOwner(group, OWNER));
    assertEquals(Errno.EBUSY, iommu.attachGroup(alloc(rig), group));
  }

  @Test
  void aDeviceThatFirmwareUsesIsKeptFromOwnersByTheDriverAndLaterByTheCore() {
    Rig older = boot("6.1").with(KitMachine.OTHER);
    assertEquals(
        Errno.EPERM,
        claimTold(
            older,
            "DMAR: Device is ineligible for IOMMU domain attach"
                + " due to platform RMRR requirement.  Contact your platform vendor."));
    Rig newer = boot("6.12").with(KitMachine.OTHER);
    assertEquals(
        Errno.EINVAL,
        claimTold(
            newer,
            "Firmware has requested this device have a 1:1"
                + " IOMMU mapping, rejecting configuring the device without a 1:1 mapping. Contact your"
                + " platform vendor."));
    assertEquals(0, newer.system().iommu().attachGroup(alloc(newer), group(newer)));
  }

  private static int claimTold(Rig rig, String words) {
    IommuGroup group = group(rig);
    rig.system().takeLog();
    int error = rig.system().iommu().claimDmaOwner(group, OWNER);
    assertEquals(List.of("pci " + rig.address() + ": " + words), rig.system().takeLog());
    assertFalse(rig.system().iommu().dmaOwnerClaimed(group));
    assertEquals(group.defaultDomain(), group.domain());
    assertTrue(rig.canRead(KitMachine.DIRECT.first()), "what firmware wants mapped still is");
    return error;
  }

  @Test
  void aDomainThatDoesNotFitLeavesTheDeviceWhereItWas() {
    Rig older = boot("6.1");
    assertEquals(Errno.EFAULT, attachWide(older));
    assertEquals(
        List.of(
            "pci 0000:00:03.0: DMAR: prepare_domain_attach_device: iommu width (48) is not"
                + " sufficient for the mapped address (4000000001000)"),
        older.system().takeLog());
    Rig newer = boot("6.12");
    assertEquals(Errno.EINVAL, attachWide(newer));
    assertEquals(List.of(), newer.system().takeLog());
  }

  private static int attachWide(Rig rig) {
    IommuApi iommu = rig.system().iommu();
    IommuDomain wide = alloc(rig);
    assertEquals(0, iommu.map(wide, 1L << 50, 0x1000, 0x1000, BOTH_WAYS));
    rig.system().takeLog();
    int error = iommu.attachGroup(wide, group(rig));
    IommuDomain usual = group(rig).defaultDomain().orElseThrow();
    assertEquals(Optional.of(usual), group(rig).domain());
    assertTrue(usual.isWalkedBy(entry(rig).orElseThrow()));
    return error;
  }

  @Test
  void beforeThereWereOwnersNobodyCanAskForThem() {
    Rig rig = boot("5.10");
    IommuApi iommu = rig.system().iommu();
    assertFalse(iommu.hasOwners());
    IommuGroup group = group(rig);
    assertThrows(UnsupportedOperationException.class, () -> iommu.claimDmaOwner(group, OWNER));
  }

  @Test
  void aDeviceWithoutAGroupIsNobodysToClaim() {
    IommuApi iommu = boot("6.12").system().iommu();
    assertEquals(0, iommu.useDefaultDomain(new PciAddress(0, 9, 0, 0)));
  }
}
