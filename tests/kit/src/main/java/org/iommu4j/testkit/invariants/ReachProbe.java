package org.iommu4j.testkit.invariants;

import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.invariants.Mapped.Piece;

/** Tries what a device reaches. Not thread-safe. */
final class ReachProbe {
  private final Rig rig;
  private final boolean writeOnlyIsReadable;
  private byte next;

  ReachProbe(Rig rig, boolean writeOnlyIsReadable) {
    this.rig = rig;
    this.writeOnlyIsReadable = writeOnlyIsReadable;
  }

  /** Checks that both ends of a piece are reached with the direction's rights, and no others. */
  void check(Piece piece, DmaDirection direction) {
    for (long at : new long[] {0, piece.sizeBytes() / 2, piece.sizeBytes() - 1}) {
      checkRead(piece.dmaAddr() + at, piece.phys() + at, direction);
      checkWrite(piece.dmaAddr() + at, piece.phys() + at, direction);
    }
  }

  private void checkRead(long iova, long phys, DmaDirection direction) {
    byte[] read = new byte[1];
    rig.memory().write8(phys, ++next);
    boolean done = rig.bus().read(iova, read, 0, 1) == null;
    require(done == (direction.deviceReads() || writeOnlyIsReadable), iova, "read", done);
    require(!done || read[0] == next, iova, "read", "elsewhere");
  }

  private void checkWrite(long iova, long phys, DmaDirection direction) {
    boolean done = rig.canWrite(iova, ++next);
    require(done == direction.deviceWrites(), iova, "written", done);
    require((rig.memory().read8(phys) == next) == done, iova, "written", "elsewhere");
  }

  /** Checks that the device gets neither in nor out at an address. */
  void checkNone(long iova) {
    require(!rig.canRead(iova), iova, "read", "though it is not mapped");
    require(!rig.canWrite(iova, ++next), iova, "written", "though it is not mapped");
  }

  private static void require(boolean holds, long iova, String access, Object how) {
    if (!holds) {
      throw new AssertionError(String.format("0x%x is %s: %s", iova, access, how));
    }
  }
}
