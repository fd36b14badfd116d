package org.iommu4j.vfio.type1;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.iommu4j.vfio.process.UserProcess;
import org.jspecify.annotations.Nullable;

/**
 * One mapping that a process asked for. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:struct vfio_dma}.
 */
final class DmaEntry extends RedBlackTree.Node {
  private final long iova;
  private final int protection;
  private final NavigableMap<Long, PinnedPage> pins = new TreeMap<>(Long::compareUnsigned);

  private long vaddr;
  private boolean valid = true;
  private UserProcess process;
  private boolean lockCapable;

  /** How many of its pages its process has in the account of locked ones. */
  private long lockedPages;

  /** What is mapped so far: it grows while the mapping is made. */
  private long sizeBytes;

  private boolean iommuMapped;
  private @Nullable DirtyBits dirty;

  DmaEntry(long iova, long vaddr, int protection, UserProcess process) {
    this.iova = iova;
    this.vaddr = vaddr;
    this.protection = protection;
    this.process = process;
    this.lockCapable = process.isIpcLockCapable();
  }

  long iova() {
    return iova;
  }

  long vaddr() {
    return vaddr;
  }

  int protection() {
    return protection;
  }

  UserProcess process() {
    return process;
  }

  /** Returns whether the process had CAP_IPC_LOCK when it made or took the mapping. */
  boolean isLockCapable() {
    return lockCapable;
  }

  /** Returns whether the address in the process is valid. */
  boolean isValid() {
    return valid;
  }

  void setValid(boolean isValid) {
    valid = isValid;
  }

  void moveTo(long newVaddr) {
    vaddr = newVaddr;
  }

  void setProcess(UserProcess owner) {
    process = owner;
    lockCapable = owner.isIpcLockCapable();
  }

  long lockedPages() {
    return lockedPages;
  }

  void countLocked(long pages) {
    lockedPages += pages;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** Returns the address past the mapping. */
  long endIova() {
    return iova + sizeBytes;
  }

  void grow(long bytes) {
    sizeBytes += bytes;
  }

  boolean isIommuMapped() {
    return iommuMapped;
  }

  void setIommuMapped(boolean mapped) {
    iommuMapped = mapped;
  }

  /** Returns the pages that drivers in the kernel keep pinned, by their I/O addresses. */
  NavigableMap<Long, PinnedPage> pins() {
    return pins;
  }

  /** Returns the pages known to be dirty, or null while nobody tracks them. */
  @Nullable DirtyBits dirty() {
    return dirty;
  }

  void setDirty(@Nullable DirtyBits dirty) {
    this.dirty = dirty;
  }
}
