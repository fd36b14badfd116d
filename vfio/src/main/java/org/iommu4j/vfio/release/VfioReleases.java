package org.iommu4j.vfio.release;

import org.iommu4j.base.Release;

/** The releases of which it is known what VFIO does there. */
public final class VfioReleases {
  private VfioReleases() {}

  /**
   * Returns the rules of a release's series.
   *
   * @throws IllegalArgumentException if they are not known
   */
  public static VfioRules rules(Release release) {
    return switch (release.series()) {
      case "5.10" -> Vfio510.RULES;
      case "6.1" -> Vfio61.RULES;
      case "6.12" -> Vfio612.RULES;
      default ->
          throw new IllegalArgumentException(
              "VFIO is known as Linux 5.10, 6.1 and 6.12 have it, and not as " + release);
    };
  }
}
