package org.iommu4j.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.iommu4j.base.trace.CallRecorder;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.Rig;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flight recorder hears of the hardware if it is asked to, and only then. */
final class HardwareEventsTest {
  private static final String PREFIX = "org.iommu4j.hardware.";

  private final Rig rig = Rig.boot(IntelFixture.STRICT_QUEUE);

  private void roundTrip() {
    long phys = rig.allocPages(0);
    DmaDirection from = DmaDirection.FROM_DEVICE;
    long dmaAddr = rig.dma().mapPage(rig.device(), phys, 0, 4096, from, DmaAttributes.NONE);
    rig.canWrite(dmaAddr, (byte) 1);
    rig.dma().unmapPage(rig.device(), dmaAddr, 4096, from, DmaAttributes.NONE);
    rig.canWrite(dmaAddr, (byte) 1);
  }

  @Test
  void whatIsAskedForByNameIsRecordedWithItsUnit(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("hardware.jfr");
    roundTrip();
    try (Recording recording = new Recording()) {
      for (String name : List.of("TranslationInvalidation", "TableWalk", "Fault", "Access")) {
        recording.enable(PREFIX + name);
      }
      recording.start();
      roundTrip();
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith(PREFIX))
            .toList();
    assertEquals(
        List.of("TableWalk", "Access", "TranslationInvalidation", "TableWalk", "Fault", "Access"),
        events.stream()
            .map(event -> event.getEventType().getName().substring(PREFIX.length()))
            .toList());
    for (RecordedEvent event : events) {
      assertEquals(0xfed9_0000L, event.getLong("unit"));
    }
    assertEquals(-1, events.get(5).getLong("phys"));
    assertEquals("PART", events.get(2).getString("scope"));
  }

  @Test
  void aRecordingOfTheKernelsCallsHearsNothingOfTheHardware() {
    List<TracedCall> calls = CallRecorder.record(this::roundTrip);
    assertEquals(
        List.of("dma_map_page_attrs", "dma_unmap_page_attrs"),
        calls.stream().map(TracedCall::function).toList());
  }
}
