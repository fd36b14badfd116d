package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.testkit.devices.RingNic;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.process.ProcessMemory;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DmaMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A network driver in user space, in the style of DPDK: huge pages, polling, no kernel. */
final class UserSpaceDriverTest {
  private static final long HUGE = 2 << 20;

  private final HandedOut handed = new HandedOut("0000:03:00.0", "dpdk");
  private final UserProcess program = handed.process;
  private final VfioContainer container = handed.container;
  private final ProcessMemory memory = program.memory();
  private final RingNic nic = new RingNic(handed.device.busMaster(), frame -> {});
  private final List<byte[]> received = new ArrayList<>();

  private static byte[] frame(int number) {
    byte[] frame = new byte[60 + number * 97 % 1400];
    Arrays.fill(frame, (byte) (number + 1));
    return frame;
  }

  @AfterEach
  void close() {
    handed.close();
    assertEquals(0, memory.lockedPages());
  }

  private void framesArrive(PollModeDriver driver) {
    for (int i = 0; i < 50; i++) {
      assertTrue(nic.receive(frame(i)));
      assertEquals(1, driver.poll(received::add));
      assertArrayEquals(frame(i), received.get(i));
    }
  }

  @Test
  void iovaAsVa() {
    // doc: va
    // Where the program sees its memory, the card sees it too. This IOMMU translates 39 bits, and
    // an address that the kernel chooses has 47: the program asks for a low one.
    long anywhere = memory.mmap(HUGE, MemoryRights.READ_WRITE, Backing.huge());
    DmaMap tooHigh = DmaMap.readWrite(anywhere, anywhere, HUGE);
    assertEquals(Errno.EINVAL, container.mapDma(program, tooHigh));

    long area = 0x40_0000_0000L;
    assertEquals(0, memory.mmap(area, HUGE, MemoryRights.READ_WRITE, Backing.huge()));
    assertEquals(0, container.mapDma(program, DmaMap.readWrite(area, area, HUGE)));
    framesArrive(new PollModeDriver(memory, area, vaddr -> vaddr, nic));
    // doc: end
  }

  @Test
  void iovaAsPa() {
    // doc: pa
    // The card gets physical addresses, which the program finds in /proc/self/pagemap.
    long area = memory.mmap(2 * HUGE, MemoryRights.READ_WRITE, Backing.huge());
    for (long page = area; page < area + 2 * HUGE; page += HUGE) {
      memory.write(page, (byte) 0); // a page has a frame once it was touched
      long phys = memory.pagemap(page).pfn() << 12;
      assertEquals(0, container.mapDma(program, DmaMap.readWrite(page, phys, HUGE)));
    }
    framesArrive(
        new PollModeDriver(
            memory, area, vaddr -> (memory.pagemap(vaddr).pfn() << 12) + (vaddr & 0xfff), nic));
    // doc: end
  }

  @Test
  void whatWasNotMappedStaysOutOfReach() {
    long area = memory.mmap(HUGE, MemoryRights.READ_WRITE, Backing.huge());
    memory.write(area, (byte) 0);
    long phys = memory.pagemap(area).pfn() << 12;
    PollModeDriver driver = new PollModeDriver(memory, area, vaddr -> phys + (vaddr - area), nic);
    assertFalse(nic.receive(frame(1)));
    assertNotNull(nic.error());
    assertEquals(0, driver.poll(received::add));
  }

  @Test
  void theLimitOfLockedMemoryIsTheFirstStumblingBlock() {
    // doc: memlock
    program.setMemlockBytes(64 << 10);
    long area = memory.mmap(HUGE, MemoryRights.READ_WRITE, Backing.huge());
    assertEquals(Errno.ENOMEM, container.mapDma(program, DmaMap.readWrite(area, 0, HUGE)));
    assertEquals(
        List.of("vfio_pin_pages_remote: RLIMIT_MEMLOCK (65536) exceeded"),
        handed.vfio.system().takeLog());
    // doc: end
  }
}
