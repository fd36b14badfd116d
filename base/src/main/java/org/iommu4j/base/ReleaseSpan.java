package org.iommu4j.base;

import com.google.errorprone.annotations.Immutable;

/**
 * The releases that have a row of a table: those since one change and before another.
 *
 * @param since from when on they have it
 * @param until from when on they have it no more
 */
@Immutable
public record ReleaseSpan(Since since, Since until) {
  /** All releases. */
  public static final ReleaseSpan ALWAYS = new ReleaseSpan(Since.ALWAYS, Since.NEVER);

  /**
   * Returns the span of what is there since these releases, {@code 6.13, 6.12.30}.
   *
   * @throws IllegalArgumentException if {@link Since#of} has it
   */
  public static ReleaseSpan since(String releases) {
    return new ReleaseSpan(Since.of(releases), Since.NEVER);
  }

  /**
   * Returns the span of what these releases have no more.
   *
   * @throws IllegalArgumentException if {@link Since#of} has it
   */
  public static ReleaseSpan until(String releases) {
    return new ReleaseSpan(Since.ALWAYS, Since.of(releases));
  }

  /**
   * Returns this span, but ended by these releases.
   *
   * @throws IllegalArgumentException if {@link Since#of} has it
   */
  public ReleaseSpan endedBy(String releases) {
    return new ReleaseSpan(since, Since.of(releases));
  }

  /** Returns whether a release has it, as {@link Since#contains} judges. */
  public boolean contains(Release release) {
    return since.contains(release) && !until.contains(release);
  }

  /** Returns whether a release's numbers tell, as {@link Since#tells} judges. */
  public boolean tells(Release release) {
    return since.tells(release) && until.tells(release);
  }
}
