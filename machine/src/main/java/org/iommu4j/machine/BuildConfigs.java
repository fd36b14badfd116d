package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.base.ReleaseSpan;

/** The configurations of well-known builds, as far as decisions rest on them. */
public final class BuildConfigs {
  /**
   * The defaults of the kernel's own developers, of any release. Remapping is built in and off
   * unless it is asked for.
   */
  private static final String UPSTREAM = "upstream";

  /** Stands between a line of a file and the first release that has it. */
  private static final String SINCE = " since ";

  /** Debian's releases, by name, with the kernels that their builds stand for. */
  private static final ImmutableMap<String, ReleaseSpan> DEBIAN =
      ImmutableMap.of(
          "debian-11", ReleaseSpan.until("5.11"),
          "debian-12", ReleaseSpan.since("5.11").endedBy("6.7"),
          "debian-13", ReleaseSpan.since("6.7"));

  private BuildConfigs() {}

  /** Returns the names of all. */
  public static ImmutableList<String> names() {
    return ImmutableList.<String>builder().addAll(DEBIAN.keySet()).add(UPSTREAM).build();
  }

  /**
   * Returns the configuration of this name, if there is one.
   *
   * @param release the kernel that is built with it
   */
  public static Optional<KernelConfig> find(String name, Release release) {
    return names().contains(name) ? Optional.of(read(name, release)) : Optional.empty();
  }

  /**
   * Returns what upstream's {@code x86_64_defconfig} says of a release, as is assumed of a machine
   * that was read without its configuration.
   */
  public static KernelConfig upstream(Release release) {
    return read(UPSTREAM, release);
  }

  /**
   * Returns the configuration of the Debian for amd64 that has this release or comes nearest to it.
   * Remapping is built in and on, but not for the integrated GPU.
   */
  public static KernelConfig debian(Release release) {
    for (Map.Entry<String, ReleaseSpan> row : DEBIAN.entrySet()) {
      if (row.getValue().contains(release)) {
        return read(row.getKey(), release);
      }
    }
    throw new AssertionError("the spans of " + DEBIAN.keySet() + " leave out " + release);
  }

  /** Returns what is assumed of one release where another configuration was assumed of another. */
  static KernelConfig assumedAgain(KernelConfig assumed, Release before, Release after) {
    if (assumed.values().equals(upstream(before).values())) {
      return upstream(after);
    }
    return assumed.values().equals(debian(before).values()) ? debian(after) : assumed;
  }

  private static KernelConfig read(String name, Release release) {
    Map<String, String> values = new LinkedHashMap<>();
    text(name)
        .lines()
        .filter(line -> line.startsWith("CONFIG_") && isOf(line, release))
        .map(line -> line.contains(SINCE) ? line.substring(0, line.indexOf(SINCE)) : line)
        .forEach(
            line ->
                values.put(
                    line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return KernelConfig.of(values);
  }

  private static boolean isOf(String line, Release release) {
    int since = line.indexOf(SINCE);
    return since < 0 || ReleaseSpan.since(line.substring(since + SINCE.length())).contains(release);
  }

  private static String text(String name) {
    try (InputStream in =
        Objects.requireNonNull(BuildConfigs.class.getResourceAsStream(name + ".config"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
