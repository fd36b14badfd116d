package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.AddressRange;
import org.junit.jupiter.api.Test;

/** Which addresses a device gets. */
class DeviceAddressesTest {
  private static final long GIB = 1L << 30;

  private static long map(World world, long sizeBytes) {
    return world.dma.mapSingle(world.device, World.BUFFERS, sizeBytes, DmaDirection.TO_DEVICE, 0);
  }

  private static void setMask(World world, int bits) {
    assertEquals(0, world.dma.setMask(world.device, DmaMapping.bitMask(bits)));
  }

  @Test
  void sizesOfFewPagesAreRoundedAndLargerOnesOnlyAligned() {
    World world = World.of(Releases.LINUX_6_12).boot();
    assertEquals(0xffff_c000L, map(world, 3 * 4096));
    assertEquals(0xffff_b000L, map(world, 1), "after a range of four pages");
    assertEquals(0xfffc_0000L, map(world, 51 * 4096), "at a multiple of 64 pages");
    assertEquals(0xfff8_0000L, map(world, 33 * 4096));
  }

  @Test
  void thePlaceAfterALargeRangeIsLeft() {
    World world = World.of(Releases.LINUX_6_12).boot();
    assertEquals(0xfffc_0000L, map(world, 51 * 4096));
    assertEquals(0xfffb_f000L, map(world, 4096), "below, for the search goes downwards");
  }

  @Test
  void addressesBelowFourGibibytesComeFirstForPciDevices() {
    World pci = World.of(Releases.LINUX_6_1).boot();
    setMask(pci, 64);
    assertEquals(0xffff_f000L, map(pci, 1));
    World other = World.of(Releases.LINUX_6_1).notPci().boot();
    setMask(other, 64);
    assertEquals((1L << 39) - 4096, map(other, 1));
    World forced = World.of(Releases.LINUX_6_1).forceDac().boot();
    setMask(forced, 64);
    assertEquals((1L << 39) - 4096, map(forced, 1));
  }

  /** Takes all addresses below 4 GiB. */
  private static World crowded(Releases release) {
    World world = World.of(release).boot();
    setMask(world, 64);
    for (int i = 0; i < 3; i++) {
      map(world, GIB);
    }
    for (long size = GIB / 2; size >= 4096; size >>= 1) {
      map(world, size);
    }
    assertEquals(((4 * GIB) >>> 12) - 1, world.domain.mappedPages());
    return world;
  }

  @Test
  void aReleaseTriesBelowFourGibibytesAgainAndAgain() {
    World world = crowded(Releases.LINUX_6_1);
    assertEquals((1L << 39) - 4096, map(world, 1));
    world.dma.unmapSingle(world.device, 0xc000_0000L, GIB, DmaDirection.TO_DEVICE, 0);
    assertEquals(0xffff_f000L, map(world, 1));
    assertEquals(List.of(), world.log);
  }

  @Test
  void anotherGivesUpForGoodAndSaysSo() {
    World world = crowded(Releases.LINUX_6_12);
    map(world, 1);
    assertEquals(List.of("pci 0000:00:05.0: Using 39-bit DMA addresses"), world.log);
    world.dma.unmapSingle(world.device, 0xc000_0000L, GIB, DmaDirection.TO_DEVICE, 0);
    assertEquals((1L << 39) - 8192, map(world, 1));
    assertEquals(1, world.log.size());
  }

  @Test
  void noMaskMeansThirtyTwoBits() {
    World world = World.of(Releases.LINUX_6_12).boot();
    assertEquals(0, world.dma.setMask(world.device, 0));
    assertEquals(0xffff_f000L, map(world, 1));
  }

  @Test
  void theBusAndTheDomainLimitToo() {
    World world = World.of(Releases.LINUX_6_12).boot();
    setMask(world, 64);
    world.device.setBusDmaLimit(0x3fff_ffffL);
    assertEquals(0x3fff_f000L, map(world, 1));
    world.domain.setLastIova(0xff_ffffL);
    assertEquals(0xff_f000L, map(world, 1));
  }

  @Test
  void windowsAndRegionsOfTheFirstDeviceAreNotHandedOut() {
    World world =
        World.of(Releases.LINUX_6_12)
            .windows(
                new AddressRange(0xc000_0000L, 0xfebf_ffffL, "PCI Bus 0000:00"),
                new AddressRange(0xa_0000, 0xb_ffff, "PCI Bus 0000:00"))
            .reserved(
                new ReservedRegion(0xfee0_0000L, 0xfeef_ffffL, ReservedRegion.Type.MSI),
                new ReservedRegion(0xfef0_0800L, 0xffff_ffffL, ReservedRegion.Type.DIRECT))
            .boot();
    assertEquals(0xfed0_0000L, map(world, 0x10_0000));
    assertEquals(0xfec0_0000L, map(world, 0x10_0000));
    assertEquals(0xbff0_0000L, map(world, 0x10_0000));
  }

  @Test
  void aDeviceThatIsNotOnPciHasNoBridge() {
    World world =
        World.of(Releases.LINUX_6_12)
            .notPci()
            .windows(new AddressRange(0xc000_0000L, 0xffff_ffffL, "PCI Bus 0000:00"))
            .boot();
    assertEquals(0xffff_f000L, map(world, 1));
  }

  @Test
  void onlyWhatTheBridgeForwardsIsHandedOut() {
    AddressRange low = new AddressRange(0x1000_0000, 0x1fff_ffff, "dma");
    AddressRange high = new AddressRange(0x4000_0000, 0x4fff_ffff, "dma");
    for (Releases release : Releases.values()) {
      World inOrder = World.of(release).dmaRanges(low, high).boot();
      assertEquals(0x4fff_f000L, map(inOrder, 1), release.name());
      World reversed = World.of(release).dmaRanges(high, low).boot();
      if (release == Releases.LINUX_6_12) {
        assertEquals(0x4fff_f000L, map(reversed, 1));
      } else {
        assertEquals(
            List.of(
                "pci 0000:00:05.0: Failed to reserve IOVA [0x0000000050000000-0x0000000010000000]",
                "Failed to set up IOMMU for device 0000:00:05.0; retaining platform DMA ops"),
            reversed.log);
      }
    }
  }

  @Test
  void noRoomIsAnError() {
    World world = World.of(Releases.LINUX_6_12).boot();
    setMask(world, 13);
    assertEquals(0x1000, map(world, 1));
    assertEquals(DmaMapping.MAPPING_ERROR, map(world, 1));
    assertEquals(1, world.domain.mappedPages());
    world.dma.unmapSingle(world.device, 0x1000, 1, DmaDirection.TO_DEVICE, 0);
    assertEquals(0x1000, map(world, 1));
  }
}
