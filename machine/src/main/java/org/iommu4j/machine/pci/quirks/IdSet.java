package org.iommu4j.machine.pci.quirks;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import com.google.errorprone.annotations.Immutable;

/** A set of 16-bit PCI ids. Immutable. */
@Immutable
@SuppressWarnings("Immutable") // ranges of integers
public final class IdSet {
  /** All ids. */
  public static final IdSet ANY = new IdSet(ImmutableRangeSet.of(Range.closedOpen(0, 0x10000)));

  private final ImmutableRangeSet<Integer> ids;

  private IdSet(ImmutableRangeSet<Integer> ids) {
    this.ids = ids;
  }

  /**
   * Returns the set that a text of hexadecimal ids and ranges of them names, such as {@code
   * "a110-a11f a167"}; {@code "*"} names all. Throws {@link IllegalArgumentException} for an id
   * that stands there twice.
   */
  public static IdSet of(String text) {
    if (text.equals("*")) {
      return ANY;
    }
    ImmutableRangeSet.Builder<Integer> ids = ImmutableRangeSet.builder();
    for (String word : text.split(" ", -1)) {
      int dash = word.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? word : word.substring(0, dash), 16);
      int last = Integer.parseInt(word.substring(dash + 1), 16);
      checkArgument(first <= last && last <= 0xffff, "%s is no range of ids", word);
      ids.add(Range.closedOpen(first, last + 1));
    }
    return new IdSet(ids.build());
  }

  /** Returns whether this id is in the set. */
  public boolean contains(int id) {
    return ids.contains(id);
  }

  /** Returns whether an id is in both sets. */
  public boolean intersects(IdSet other) {
    return !ids.intersection(other.ids).isEmpty();
  }

  /** Returns how many ids are in the set. */
  public int size() {
    return ids.asRanges().stream()
        .mapToInt(range -> ContiguousSet.create(range, DiscreteDomain.integers()).size())
        .sum();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Range<Integer> range : ids.asRanges()) {
      int last = range.upperEndpoint() - 1;
      text.append(text.length() == 0 ? "" : " ")
          .append(String.format("%04x", range.lowerEndpoint()));
      text.append(last == range.lowerEndpoint() ? "" : String.format("-%04x", last));
    }
    return equals(ANY) ? "*" : text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IdSet that && ids.equals(that.ids);
  }

  @Override
  public int hashCode() {
    return ids.hashCode();
  }
}
