package org.iommu4j.vfio.uapi;

import com.google.errorprone.annotations.Immutable;

/**
 * A range of I/O addresses that may be mapped.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_iova_range}.
 *
 * @param first the first address
 * @param last the last address, inclusive and unsigned
 */
@Immutable
public record IovaRange(long first, long last) {
  @Override
  public String toString() {
    return String.format("0x%x-0x%x", first, last);
  }
}
