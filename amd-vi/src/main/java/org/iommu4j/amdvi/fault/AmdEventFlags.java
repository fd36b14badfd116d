package org.iommu4j.amdvi.fault;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.iommu.fault.FaultMessage.Access;

/**
 * The flags of an {@code IO_PAGE_FAULT}.
 *
 * <p>Source: AMD I/O Virtualization Technology specification, "IO_PAGE_FAULT Event"; {@code
 * drivers/iommu/amd/amd_iommu_types.h:EVENT_FLAG_RW}.
 *
 * @param bits as the kernel prints them
 */
record AmdEventFlags(int bits) {
  private static final int GUEST = 0x001;
  private static final int EXECUTE = 0x002;
  private static final int USER = 0x004;
  private static final int INTERRUPT = 0x008;
  private static final int PRESENT = 0x010;
  private static final int WRITE = 0x020;
  private static final int PERMISSION = 0x040;
  private static final int RESERVED = 0x080;
  private static final int TRANSLATION = 0x100;

  private boolean has(int flag) {
    return (bits & flag) != 0;
  }

  boolean isInterrupt() {
    return has(INTERRUPT);
  }

  // Of a translation request the bit says nothing: such a request moves no data.
  Access access() {
    return has(TRANSLATION) ? Access.UNKNOWN : has(WRITE) ? Access.WRITE : Access.READ;
  }

  FaultCondition condition() {
    if (has(INTERRUPT)) {
      return has(PRESENT) && has(RESERVED)
          ? FaultCondition.BAD_TABLES
          : FaultCondition.INTERRUPT_ENTRY;
    }
    if (!has(PRESENT)) {
      return FaultCondition.NOT_MAPPED;
    }
    if (has(RESERVED)) {
      return FaultCondition.BAD_TABLES;
    }
    return has(PERMISSION) ? FaultCondition.NO_RIGHT : FaultCondition.NOT_GRANTED;
  }

  ImmutableList<String> words() {
    ImmutableList.Builder<String> words = ImmutableList.builder();
    if (has(INTERRUPT)) {
      words.add("I: the request was an interrupt");
      words.add(has(PRESENT) ? "PR: its entry is in use" : "no PR: its entry is not in use");
    } else {
      words.add(has(PRESENT) ? "PR: something is mapped there" : "no PR: nothing is mapped there");
    }
    add(words, PERMISSION, "PE: without the right that the request needs");
    add(words, RESERVED, "RZ: an entry has bits set that must be 0");
    add(words, TRANSLATION, "TR: the request was for a translation (ATS)");
    add(words, GUEST, "GN: of a guest's tables, with a PASID");
    add(words, USER, "US: with a user's rights");
    add(words, EXECUTE, "NX: to execute");
    return words.build();
  }

  private void add(ImmutableList.Builder<String> words, int flag, String text) {
    if (has(flag)) {
      words.add(text);
    }
  }
}
