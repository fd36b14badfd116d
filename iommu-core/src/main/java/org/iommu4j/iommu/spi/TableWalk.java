package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * How an IOMMU's tables lead from a device and an I/O address to memory, entry by entry, as the
 * hardware reads them. Immutable.
 *
 * @param entries the entries that were read, in their order; none if no table has a say
 * @param read what becomes of a device's read
 * @param write what becomes of a device's write
 * @param notes what else bears on it, a sentence each, such as a cache that says otherwise
 */
@Immutable
public record TableWalk(
    ImmutableList<Entry> entries, Outcome read, Outcome write, ImmutableList<String> notes) {

  /**
   * One entry of a table.
   *
   * @param name which one, such as {@code level 2 entry 0x1ff}
   * @param phys its physical address
   * @param words its 64-bit words, the lowest first
   * @param leadsTo where it leads, or why it leads nowhere
   */
  @Immutable
  public record Entry(String name, long phys, ImmutableList<Word> words, String leadsTo) {}

  /**
   * One 64-bit word of an entry.
   *
   * @param bits the word as it is in memory
   * @param fields its fields, from the lowest bit on
   */
  @Immutable
  public record Word(long bits, ImmutableList<Field> fields) {}

  /**
   * One field of a word.
   *
   * @param name the specification's short name
   * @param value its value, unsigned
   * @param meaning what the value means; empty if that is plain
   */
  @Immutable
  public record Field(String name, long value, String meaning) {}

  /**
   * What becomes of an access.
   *
   * @param phys the physical address that it reaches, or null if none
   * @param pageBytes the size of the page that was found, 0 if there is none
   * @param faultReason the code of the fault, or null if none is reported
   * @param words what happens, in the specification's words
   */
  @Immutable
  public record Outcome(
      @Nullable Long phys, long pageBytes, @Nullable Integer faultReason, String words) {}
}
