package org.iommu4j.machine;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;

/**
 * What an IOMMU's memory-mapped registers held when the kernel read them at boot.
 *
 * @param basePhys the physical address of the registers
 * @param values the registers' values by the vendor's own short names, such as {@code cap}
 */
@Immutable
public record UnitRegisters(long basePhys, ImmutableMap<String, Long> values) {
  /** Returns the address and the values in hexadecimal. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("unit at 0x").append(Long.toHexString(basePhys));
    values.forEach((key, value) -> text.append(String.format(" %s 0x%x", key, value)));
    return text.toString();
  }
}
