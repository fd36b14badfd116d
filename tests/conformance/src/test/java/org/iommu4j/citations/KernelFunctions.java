package org.iommu4j.citations;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * What the files of each modelled kernel define, as {@code tests/oracle/functions.py} read it in
 * their sources.
 */
final class KernelFunctions {
  private static final Splitter WORDS = Splitter.on(' ');

  private final ImmutableList<String> releases;
  private final Map<String, Integer> bits = new HashMap<>();
  private final Set<String> files = new HashSet<>();

  private KernelFunctions(List<String> lines) {
    List<String> head = WORDS.splitToList(lines.get(0));
    this.releases = ImmutableList.copyOf(head.subList(1, head.size()));
    for (String line : lines.subList(1, lines.size())) {
      List<String> words = WORDS.splitToList(line);
      files.add(words.get(0));
      for (String word : words.subList(1, words.size())) {
        int equals = word.indexOf('=');
        bits.put(
            words.get(0) + ":" + word.substring(0, equals),
            Integer.parseInt(word.substring(equals + 1)));
      }
    }
  }

  static KernelFunctions read() {
    try (InputStream packed =
            Objects.requireNonNull(
                KernelFunctions.class.getResourceAsStream("/kernel-functions.gz"));
        BufferedReader text =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
      return new KernelFunctions(text.lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the releases, such as {@code 6.1}, from the oldest on. */
  ImmutableList<String> releases() {
    return releases;
  }

  /** Returns whether a release's file defines this: {@code drivers/iommu/iova.c:alloc_iova}. */
  boolean has(String release, String citation) {
    int index = releases.indexOf(release);
    return index >= 0 && (bits.getOrDefault(citation, 0) >> index & 1) != 0;
  }

  /** Returns whether any release has this file. */
  boolean hasFile(String file) {
    return files.contains(file);
  }

  /** Returns whether any release's file defines this. */
  boolean hasAnywhere(String citation) {
    return bits.containsKey(citation);
  }
}
