package org.iommu4j.iommu;

/** A booted machine. */
public final class LinuxSystem {
  private LinuxSystem() {}
}
