package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.devices.EduDevice;
import org.iommu4j.toy.ToyFixture;
import org.junit.jupiter.api.Test;

/** A driver of the DMA engine: its whole path, a buffer in and out again. */
final class EduDriverTest {
  private static final byte[] TEXT = "sixteen bytes...".getBytes(StandardCharsets.US_ASCII);

  private final Rig rig = Rig.boot(new ToyFixture());
  private final EduDevice edu = new EduDevice(rig.bus());

  @Test
  void aBufferGoesInAndComesOut() {
    List<String> events = new ArrayList<>();
    // doc: edu
    DmaMapping dma = rig.dma();
    assertEquals(0, dma.setMask(rig.device(), DmaMapping.bitMask(28))); // the engine has 28 lines
    edu.onInterrupt(
        () -> {
          events.add("done: " + Long.toHexString(edu.read(EduDevice.INTERRUPT_STATUS)));
          edu.write(EduDevice.INTERRUPT_ACKNOWLEDGE, EduDevice.DMA_INTERRUPT);
        });

    long page = rig.allocPages(0);
    rig.cpuWrites(page, TEXT);
    long in = dma.mapPage(rig.device(), page, 0, 16, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
    edu.write(EduDevice.DMA_SOURCE, in);
    edu.write(EduDevice.DMA_DESTINATION, EduDevice.BUFFER);
    edu.write(EduDevice.DMA_COUNT, 16);
    edu.write(EduDevice.DMA_COMMAND, EduDevice.START | EduDevice.INTERRUPT);
    dma.unmapPage(rig.device(), in, 16, DmaDirection.TO_DEVICE, DmaAttributes.NONE);

    long out =
        dma.mapPage(rig.device(), page, 64, 16, DmaDirection.FROM_DEVICE, DmaAttributes.NONE);
    edu.write(EduDevice.DMA_SOURCE, EduDevice.BUFFER);
    edu.write(EduDevice.DMA_DESTINATION, out);
    edu.write(EduDevice.DMA_COMMAND, EduDevice.START | EduDevice.TO_MEMORY | EduDevice.INTERRUPT);
    dma.unmapPage(rig.device(), out, 16, DmaDirection.FROM_DEVICE, DmaAttributes.NONE);

    assertArrayEquals(TEXT, rig.cpuReads(page + 64, 16));
    assertEquals(List.of("done: 100", "done: 100"), events);
    // doc: end
    assertNull(edu.error());
    assertEquals(0, edu.read(EduDevice.INTERRUPT_STATUS));
    assertEquals(0, edu.read(EduDevice.DMA_COMMAND) & EduDevice.START);
  }

  @Test
  void anAddressThatIsUnmappedTooEarlyIsRefused() {
    DmaMapping dma = rig.dma();
    long page = rig.allocPages(0);
    long in = dma.mapPage(rig.device(), page, 0, 16, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
    dma.unmapPage(rig.device(), in, 16, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
    edu.write(EduDevice.DMA_SOURCE, in);
    edu.write(EduDevice.DMA_DESTINATION, EduDevice.BUFFER);
    edu.write(EduDevice.DMA_COUNT, 16);
    edu.write(EduDevice.DMA_COMMAND, EduDevice.START);
    assertNotNull(edu.error());
  }

  @Test
  void theDeviceSaysWhatItIs() {
    assertEquals(0xed, edu.read(EduDevice.ID) & 0xff);
    assertEquals(-1, edu.read(0x1000));
  }
}
