package org.iommu4j.iommu.domain;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.base.ReleaseSpan;
import org.jspecify.annotations.Nullable;

/**
 * The types of domains that a release has, with its numbers and words for them.
 *
 * <p>Source: {@code include/linux/iommu.h:IOMMU_DOMAIN_*}, {@code
 * drivers/iommu/iommu.c:iommu_group_show_type}, {@code iommu_domain_type_str}.
 *
 * @param rows a row a type
 */
@Immutable
public record DomainTypes(ImmutableList<Row> rows) {
  private static final ImmutableList<Row> ALL =
      ImmutableList.of(
          new Row(DomainType.BLOCKED, 0, "blocked", "Blocked", ReleaseSpan.ALWAYS),
          new Row(DomainType.UNMANAGED, 1, "unmanaged", "Unmanaged", ReleaseSpan.ALWAYS),
          new Row(DomainType.DMA, 3, "DMA", "Translated", ReleaseSpan.ALWAYS),
          new Row(DomainType.IDENTITY, 4, "identity", "Passthrough", ReleaseSpan.ALWAYS),
          new Row(DomainType.DMA_FQ, 11, "DMA-FQ", "Translated", ReleaseSpan.since("5.15")));

  /**
   * One type.
   *
   * @param type which one
   * @param number its number in the kernel
   * @param sysfsName the word in {@code /sys/kernel/iommu_groups/N/type}
   * @param logName the word in the kernel's log
   * @param span the releases that have it
   */
  @Immutable
  public record Row(
      DomainType type, int number, String sysfsName, String logName, ReleaseSpan span) {}

  /** Returns the types that a release has. */
  public static DomainTypes of(Release release) {
    return new DomainTypes(
        ALL.stream()
            .filter(row -> row.span().contains(release))
            .collect(ImmutableList.toImmutableList()));
  }

  /** Returns the type that has a number in any release; empty if none has. */
  public static Optional<DomainType> ofNumber(int number) {
    return ALL.stream().filter(row -> row.number() == number).map(Row::type).findFirst();
  }

  /** Returns whether the release has a type. */
  public boolean has(DomainType type) {
    return rows.stream().anyMatch(row -> row.type() == type);
  }

  /**
   * Returns the release's type for one that it may lack: there a domain is not known to be one with
   * a flush queue.
   */
  public DomainType known(DomainType type) {
    return type == DomainType.DMA_FQ && !has(type) ? DomainType.DMA : type;
  }

  private Row row(DomainType type) {
    return rows.stream()
        .filter(row -> row.type() == type)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the release has no domains " + type));
  }

  /** Returns the kernel's number of a type, or -1 for none. */
  public int number(@Nullable DomainType type) {
    return type == null ? -1 : row(type).number();
  }

  /**
   * Returns the word in {@code /sys/kernel/iommu_groups/N/type}.
   *
   * @throws IllegalArgumentException if the release has no such type
   */
  public String sysfsName(DomainType type) {
    return row(type).sysfsName();
  }

  /**
   * Returns the word in the kernel's log.
   *
   * @throws IllegalArgumentException if the release has no such type
   */
  public String logName(DomainType type) {
    return row(type).logName();
  }
}
