package org.iommu4j.vtd.policy;

import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.vtd.dmar.DmarTable;

/**
 * Steps through a table's structures by their lengths, as the kernel does.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_walk_remapping_entries}.
 */
final class StructureWalk {
  /** What is done with a structure; a result other than 0 ends the walk. */
  interface Handler {
    int handle(int offset, int type, int length);
  }

  private StructureWalk() {}

  static int walk(DmarTable table, List<String> log, Handler handler) {
    // A table shorter than its header makes the size of the rest wrap around, and the end with it
    // lies before the start.
    long end = table.header().lengthBytes();
    int at = DmarTable.HEADER_BYTES;
    while (at < end) {
      int length = table.readWord(at + 2);
      if (length == 0) {
        return 0;
      }
      if (at + length > end) {
        log.add(DmarLogLines.FIRMWARE_BUG + "Record passes table end");
        return Errno.EINVAL;
      }
      int result = handler.handle(at, table.readWord(at), length);
      if (result != 0) {
        return result;
      }
      at += length;
    }
    return 0;
  }
}
