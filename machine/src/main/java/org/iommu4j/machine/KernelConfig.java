package org.iommu4j.machine;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.base.Release;

/** The kernel's build configuration, {@code CONFIG_NAME=value} lines. Immutable. */
public final class KernelConfig {
  private final ImmutableMap<String, String> values;

  private KernelConfig(ImmutableMap<String, String> values) {
    this.values = values;
  }

  /** Parses the text of a configuration; lines that are no assignment are passed over. */
  public static KernelConfig parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("CONFIG_") && line.indexOf('=') > 0)
        .forEach(
            line ->
                values.put(
                    line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return of(values);
  }

  /** Returns a configuration of these values. */
  static KernelConfig of(Map<String, String> values) {
    return new KernelConfig(ImmutableMap.copyOf(values));
  }

  /** Returns what upstream says of the release that is assumed where none is known. */
  public static KernelConfig upstream() {
    return BuildConfigs.upstream(Release.ASSUMED);
  }

  /** Returns what Debian says of the release that is assumed where none is known. */
  public static KernelConfig debian() {
    return BuildConfigs.debian(Release.ASSUMED);
  }

  /** Returns whether the text said nothing, and something has to be assumed. */
  boolean isUnknown() {
    return values.isEmpty();
  }

  /** Returns whether the option is built in ({@code =y}). */
  public boolean isEnabled(String option) {
    return "y".equals(values.get(option));
  }

  /** Returns the option's value as written, if it is set. */
  public Optional<String> value(String option) {
    return Optional.ofNullable(values.get(option));
  }

  /** Returns all that is set, in the order of the text. */
  public ImmutableMap<String, String> values() {
    return values;
  }
}
