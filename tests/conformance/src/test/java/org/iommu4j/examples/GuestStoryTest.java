package org.iommu4j.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.iommu4j.base.Errno;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.process.ProcessMemory;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A guest whose monitor gave it a device: guest addresses are what the device puts on the bus. */
final class GuestStoryTest {
  private static final byte[] PACKET = "from the device".getBytes(US_ASCII);
  private static final long MIB = 1 << 20;

  private final HandedOut handed = new HandedOut("0000:03:00.0", "qemu");
  private final UserProcess vmm = handed.process;
  private final VfioContainer container = handed.container;
  private final PhysicalMemory host = handed.vfio.system().services().memory();
  private final ProcessMemory memory = vmm.memory();

  @AfterEach
  void everyPinIsGoneAtTheEnd() {
    handed.close();
    assertEquals(0, memory.lockedPages());
    assertEquals(0, handed.vfio.userFrames().pinnedPages());
  }

  @Test
  void theDeviceReachesTheGuestsMemoryByGuestAddresses() {
    // doc: guest
    // The guest has 12 MiB of RAM: 8 at the bottom, and the rest from 4 GiB on, as PCs have it.
    Backing ram = new Backing.MemoryFile(memory.frames(), true);
    long hva = memory.mmap(12 * MIB, MemoryRights.READ_WRITE, ram);
    long high = 4096 * MIB;
    assertEquals(0, container.mapDma(vmm, DmaMap.readWrite(hva, 0, 8 * MIB)));
    assertEquals(0, container.mapDma(vmm, DmaMap.readWrite(hva + 8 * MIB, high, 4 * MIB)));
    // doc: end
    assertEquals(12 * MIB / 4096, memory.lockedPages());

    // doc: dma
    // The guest's driver gives the device a buffer's guest address, and the device writes there.
    long gpa = high + 0x1234;
    assertNull(handed.device.busMaster().write(gpa, PACKET, 0, PACKET.length));

    long phys = memory.pagemap(hva + 8 * MIB + 0x1234).pfn() * 4096 + 0x234;
    byte[] inHostFrame = new byte[PACKET.length];
    host.read(phys, inHostFrame, 0, PACKET.length);
    assertArrayEquals(PACKET, inHostFrame);
    assertArrayEquals(PACKET, memory.read(hva + 8 * MIB + 0x1234, PACKET.length));
    // doc: end

    // doc: unplug
    // The monitor takes the upper memory away, and what the device writes does not arrive any more.
    UnmapResult gone = container.unmapDma(vmm, DmaUnmap.of(high, 4 * MIB));
    assertEquals(new UnmapResult(0, 4 * MIB), gone);
    assertNotNull(handed.device.busMaster().write(gpa, new byte[PACKET.length], 0, PACKET.length));
    assertArrayEquals(PACKET, memory.read(hva + 8 * MIB + 0x1234, PACKET.length));
    // doc: end
    assertEquals(8 * MIB / 4096, memory.lockedPages());
  }

  @Test
  void guestMemoryMustNotLieWhereInterruptsGo() {
    // doc: window
    long hva = memory.mmap(2 * MIB, MemoryRights.READ_WRITE, Backing.anonymous());
    assertEquals(
        "[0x0-0xfedfffff, 0xfef00000-0x7fffffffff]",
        container.info().orElseThrow().iovaRanges().toString());
    assertEquals(Errno.EINVAL, container.mapDma(vmm, DmaMap.readWrite(hva, 0xfee0_0000L, 2 * MIB)));
    // doc: end
    memory.munmap(hva, 2 * MIB);
  }

  @Test
  void aDeviceThatOnlyReadsCannotWrite() {
    long hva = memory.mmap(4096, MemoryRights.READ_WRITE, Backing.anonymous());
    memory.write(hva, PACKET);
    assertEquals(0, container.mapDma(vmm, DmaMap.readOnly(hva, 0, 4096)));
    byte[] read = new byte[PACKET.length];
    assertNull(handed.device.busMaster().read(0, read, 0, read.length));
    assertArrayEquals(PACKET, read);
    assertNotNull(handed.device.busMaster().write(0, read, 0, read.length));
  }

  @Test
  void pagesThatTheMonitorUnmapsStayWithTheDevice() {
    long hva = memory.mmap(4096, MemoryRights.READ_WRITE, Backing.anonymous());
    assertEquals(0, container.mapDma(vmm, DmaMap.readWrite(hva, 0, 4096)));
    long phys = memory.pagemap(hva).pfn() << PAGE_SHIFT;
    assertEquals(0, memory.munmap(hva, 4096));
    assertNull(handed.device.busMaster().write(0, PACKET, 0, PACKET.length));
    byte[] inFrame = new byte[PACKET.length];
    host.read(phys, inFrame, 0, inFrame.length);
    assertArrayEquals(PACKET, inFrame);
  }
}
