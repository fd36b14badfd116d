package org.iommu4j.base;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who built a kernel, as far as that matters to what is in it.
 *
 * <p>Some build a series with its stable updates and a few patches; others choose for themselves
 * what they bring back to an old series, and keep a number that does not tell.
 */
public enum Distribution {
  /** The kernel's own developers, or somebody who builds what they publish. */
  UPSTREAM("", Distribution.NEVER, ".*", true),
  /** Debian: {@code 5.10.0-46-amd64}, {@code 6.12.117+deb12-amd64}. */
  DEBIAN(
      "\\+deb\\d.*|-\\d{1,4}(-cloud|-rt)?-(amd64|arm64|686|686-pae|armmp|powerpc64le|s390x|riscv64)",
      "Debian (\\d+\\.\\d+)\\.(\\d{1,5})",
      "\\+deb\\d.*",
      true),
  /** Proxmox, on Ubuntu's sources: {@code 6.8.12-4-pve}. */
  PROXMOX("-\\d.*-pve", Distribution.NEVER, Distribution.NEVER, false),
  /** Red Hat's and those made from it: {@code 5.14.0-362.8.1.el9_3.x86_64}. */
  ENTERPRISE_LINUX(".*\\.el\\d{1,2}([._].*)?", Distribution.NEVER, Distribution.NEVER, false),
  /** Ubuntu: {@code 5.15.0-91-generic}. */
  UBUNTU(
      "-\\d{1,4}-(generic|lowlatency|aws|azure|gcp|gke|ibm|kvm|nvidia|oem|oracle|raspi)\\b.*",
      "Ubuntu \\S+ (\\d+\\.\\d+)\\.(\\d{1,5})\\)",
      Distribution.NEVER,
      false),
  /** SUSE: {@code 5.14.21-150500.55.39-default}. */
  SUSE("-\\d.*-(default|rt|azure)", Distribution.NEVER, Distribution.NEVER, false);

  /** What no text matches. */
  private static final String NEVER = "(?!)";

  private static final Pattern UBUNTU_BUILD = Pattern.compile("#\\d\\S*-Ubuntu\\b");

  private final Pattern tag;
  private final Pattern patch;
  private final Pattern tagWithPatch;
  private final boolean followsStable;

  Distribution(String tag, String patch, String tagWithPatch, boolean followsStable) {
    this.tag = Pattern.compile(tag);
    this.patch = Pattern.compile(patch);
    this.tagWithPatch = Pattern.compile(tagWithPatch);
    this.followsStable = followsStable;
  }

  /**
   * Returns whose build it is.
   *
   * @param tag what follows the numbers of the release
   * @param build what the kernel prints after its release: who built it, with what, and when
   */
  static Distribution of(String tag, String build) {
    for (Distribution distribution : values()) {
      if (distribution != UPSTREAM && distribution.tag.matcher(tag).matches()) {
        return distribution;
      }
    }
    if (UBUNTU_BUILD.matcher(build).find()) {
      return UBUNTU;
    }
    return build.contains(") #") && DEBIAN.patch.matcher(afterCompiler(build)).find()
        ? DEBIAN
        : UPSTREAM;
  }

  // The compiler has a distribution as well.
  private static String afterCompiler(String build) {
    return build.substring(build.lastIndexOf(") #") + 1);
  }

  /**
   * Returns whether what its kernels have is told by series and stable update; else they are builds
   * of their own.
   */
  public boolean followsStable() {
    return followsStable;
  }

  /** Returns whether the third number of a release with this tag is the stable update. */
  boolean namesPatch(String tag) {
    return tagWithPatch.matcher(tag).matches();
  }

  /** Returns the stable update that the kernel prints after its release, if it does. */
  OptionalInt patchIn(String build, String series) {
    Matcher found = patch.matcher(this == DEBIAN ? afterCompiler(build) : build);
    while (found.find()) {
      if (series.equals(found.group(1))) {
        return OptionalInt.of(Integer.parseInt(found.group(2)));
      }
    }
    return OptionalInt.empty();
  }
}
