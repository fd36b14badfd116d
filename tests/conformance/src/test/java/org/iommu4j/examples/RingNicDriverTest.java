package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.devices.RingNic;
import org.iommu4j.toy.ToyFixture;
import org.junit.jupiter.api.Test;

/** Frames go through the card's rings and its driver, and come out as they went in. */
final class RingNicDriverTest {
  private final Rig rig = Rig.boot(new ToyFixture());
  private final List<byte[]> sent = new ArrayList<>();
  private final RingNic nic = new RingNic(rig.bus(), sent::add);
  private final List<byte[]> received = new ArrayList<>();

  private static byte[] frame(int number) {
    byte[] frame = new byte[60 + number * 97 % 1400];
    Arrays.fill(frame, (byte) number);
    return frame;
  }

  @Test
  void framesArriveWhole() {
    // doc: wire
    RingNicDriver driver = new RingNicDriver(rig, nic, received::add);
    for (int i = 0; i < 50; i++) {
      assertTrue(nic.receive(frame(i)));
      assertArrayEquals(frame(i), received.get(i));
    }
    driver.close();
    // doc: end
    assertEquals(50, received.size());
  }

  @Test
  void afterCloseTheCardReachesNothing() {
    RingNicDriver driver = new RingNicDriver(rig, nic, received::add);
    assertTrue(nic.receive(frame(1)));
    driver.close();
    assertFalse(nic.receive(frame(2)));
    assertNotNull(nic.error());
    rig.system()
        .domain(rig.address())
        .orElseThrow()
        .visit((iova, phys, length, level, bits) -> assertEquals(-1, iova, "still mapped"));
  }

  @Test
  void withoutBuffersFramesAreDropped() {
    assertFalse(nic.receive(frame(1)));
    assertFalse(nic.receive(new byte[RingNic.BUFFER_BYTES + 1]));
  }

  @Test
  void postedFramesAreSent() {
    CoherentBuffer ring = rig.dma().allocCoherent(rig.device(), 64, DmaAttributes.NONE);
    assertNotNull(ring);
    long page = rig.allocPages(0);
    rig.cpuWrites(page + 10, frame(7));
    int size = frame(7).length;
    long dmaAddr =
        rig.dma().mapPage(rig.device(), page, 10, size, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
    rig.memory().write64(ring.phys(), dmaAddr);
    rig.memory().write64(ring.phys() + RingNic.LENGTH_OFFSET, size);
    nic.write(RingNic.TX_BASE, ring.dmaAddr());
    nic.write(RingNic.TX_LENGTH, 64);
    nic.write(RingNic.TX_TAIL, 1);
    assertArrayEquals(frame(7), sent.get(0));
    assertEquals(RingNic.SENT, nic.read(RingNic.CAUSE));
    assertEquals(0, nic.read(RingNic.CAUSE), "reading clears");
    assertEquals(RingNic.DONE, rig.memory().read8(ring.phys() + RingNic.STATUS_OFFSET));
  }
}
