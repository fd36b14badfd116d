package org.iommu4j.evidence.replay;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.dma.SgTable;

/** The commands on tables of pieces: {@code getsgt sgtable}. Not thread-safe. */
final class TableCommands {
  private final ReplayState state;

  TableCommands(ReplayState state) {
    this.state = state;
  }

  /** {@code getsgt ID}, of what {@code alloc} allocated. */
  String ofCoherent(TranscriptCommand command) {
    ReplayMapping mapping = state.mapping(command, 1);
    CoherentBuffer buffer = mapping == null ? null : mapping.buffer();
    if (mapping == null || buffer == null) {
      throw command.bad("a table is made of what alloc has allocated");
    }
    SgTable table = new SgTable(new ScatterList(1));
    int result = table.getSgtable(state.dma(), mapping.device(), buffer);
    if (result != 0) {
      return "ret=" + result;
    }
    return String.format(
        "ret=0 nents=%d orig=%d length=0x%x offset=0x%x",
        table.mappedEntries(),
        table.entries().size(),
        table.entries().lengthBytes(0),
        table.entries().offsetBytes(0));
  }

  /** {@code sgtable PAGE:OFF:LEN ...}, which maps and unmaps. */
  String mapAndUnmap(TranscriptCommand command) {
    Device device = state.device();
    ScatterList list = state.list(command, 1);
    SgTable table = new SgTable(list);
    int result = table.mapSgtable(state.dma(), device, DmaDirection.BIDIRECTIONAL, 0);
    StringBuilder answer = new StringBuilder("ret=" + result + " nents=" + table.mappedEntries());
    if (result == 0) {
      answer.append(ReplayState.pieces(list, table.mappedEntries()));
      table.unmapSgtable(state.dma(), device, DmaDirection.BIDIRECTIONAL, 0);
    }
    return answer.toString();
  }
}
