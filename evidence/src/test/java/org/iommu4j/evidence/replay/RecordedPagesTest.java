package org.iommu4j.evidence.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.machine.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a recording says that memory was. */
final class RecordedPagesTest {
  private final RecordedPages pages = new RecordedPages();

  private static TranscriptCommand command(String line) {
    return Transcript.parse("t", line).commands().get(0);
  }

  private long allocate(int order) {
    return pages.allocate(order, MemoryZone.NORMAL);
  }

  @Test
  void piecesOfCoherentMemoryAreReadInTheirOrder() {
    assertEquals(
        List.of(new PhysRange(0x9000, 0xb000), new PhysRange(0x1000, 0x2000)),
        RecordedPages.runsOf(
            command("alloc 1 12288 -> dma=0xffff0000 phys=0x9000 frames=9000+2000,1000+1000")));
    assertEquals(
        List.of(new PhysRange(0x9000, 0xc000)),
        RecordedPages.runsOf(command("alloc 1 9000 -> dma=0xffff0000 phys=0x9000")));
    assertEquals(List.of(), RecordedPages.runsOf(command("alloc 1 9000 -> error=nomem")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"9000", "9000+", "9001+1000", "9000+0", "9000+10", "9000+1000000000"})
  void piecesThatAreNoneAreRefused(String frames) {
    TranscriptCommand command = command("alloc 1 4096 -> dma=0x0 phys=0x9000 frames=" + frames);
    assertThrows(BadInputException.class, () -> RecordedPages.runsOf(command));
  }

  @Test
  void allPiecesAreTakenFromTheModelsOwnTables() {
    Transcript transcript =
        Transcript.parse(
            "t",
            """
            page 1 1 -> phys=0x4000
            alloc 2 8192 -> dma=0xff000 phys=0x9000 frames=9000+1000,1000+1000
            """);
    assertEquals(
        List.of(
            new PhysRange(0x4000, 0x6000),
            new PhysRange(0x9000, 0xa000),
            new PhysRange(0x1000, 0x2000)),
        RecordedPages.taken(transcript));
  }

  @Test
  void blockIsGivenWhereThePiecesHoldItAligned() {
    pages.placeAt(
        ImmutableList.of(new PhysRange(0x3000, 0x6000), new PhysRange(0x20_0000, 0x40_0000)));
    assertEquals(PageAllocator.NONE, allocate(1), "0x3000 is aligned to one page");
    assertEquals(0x3000, allocate(0));
    assertEquals(0x4000, allocate(1));
    assertEquals(0x20_0000, allocate(9));
    assertEquals(PageAllocator.NONE, allocate(0), "all are given");
    assertTrue(pages.gave());
  }

  @Test
  void singlePieceIsGivenAsOneBlockThatIsLarger() {
    pages.placeAt(ImmutableList.of(new PhysRange(0x8000, 0xb000)));
    assertEquals(0x8000, allocate(2));
  }

  @Test
  void whoLooksForAnotherPlaceFindsTheSame() {
    pages.placeAt(0x8000);
    assertEquals(0x8000, allocate(0));
    pages.free(0x8000);
    assertEquals(0x8000, allocate(0));
    pages.placeNowhere();
    assertEquals(PageAllocator.NONE, allocate(0));
  }
}
