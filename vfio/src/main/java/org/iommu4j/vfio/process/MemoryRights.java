package org.iommu4j.vfio.process;

/**
 * What a process may do with a range of its addresses.
 *
 * <p>Source: {@code include/uapi/asm-generic/mman-common.h:PROT_READ}.
 */
public enum MemoryRights {
  /** Nothing. */
  NONE(false, false),
  /** Read. */
  READ(true, false),
  /** Read and write. */
  READ_WRITE(true, true);

  private final boolean readable;
  private final boolean writable;

  MemoryRights(boolean readable, boolean writable) {
    this.readable = readable;
    this.writable = writable;
  }

  /** Returns whether an access is allowed. */
  boolean allows(boolean write) {
    return write ? writable : readable;
  }
}
