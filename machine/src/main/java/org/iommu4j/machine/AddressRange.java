package org.iommu4j.machine;

import com.google.errorprone.annotations.Immutable;

/**
 * A range of addresses, both ends inclusive and unsigned, as {@code /proc/iomem} prints it.
 *
 * @param first the first address
 * @param last the last address
 * @param name what the range holds, such as {@code System RAM} or {@code Reserved}
 */
@Immutable
public record AddressRange(long first, long last, String name) {
  /** Returns whether this address lies in the range. */
  public boolean contains(long address) {
    return Long.compareUnsigned(first, address) <= 0 && Long.compareUnsigned(address, last) <= 0;
  }

  @Override
  public String toString() {
    return String.format("[mem 0x%x-0x%x] %s", first, last, name);
  }
}
