package org.iommu4j.release;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Sets;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.vfio.release.VfioRules;
import org.iommu4j.vtd.release.VtdRules;
import org.jspecify.annotations.Nullable;

/** The components of rules records in which two releases differ, by name. */
final class RuleDifferences {
  private RuleDifferences() {}

  /**
   * Returns what differs: {@code iova.depot.magazines}, and for a set of traits each trait, {@code
   * dma.traits.ALLOCATES_PIECES}.
   */
  static ImmutableSortedSet<String> between(KernelRules one, KernelRules other) {
    Set<String> names = new TreeSet<>();
    Map<String, Object> then = parts(one);
    parts(other).forEach((name, part) -> compare(name, then.get(name), part, names));
    return ImmutableSortedSet.copyOf(names);
  }

  private static Map<String, Object> parts(KernelRules rules) {
    Map<String, Object> parts = new TreeMap<>();
    for (RecordComponent component : KernelRules.class.getRecordComponents()) {
      parts.put(component.getName(), value(component, rules));
    }
    parts.remove("release");
    parts.remove("modules");
    parts.putAll(
        ImmutableMap.of(
            "dma", DmaReleases.rules(rules),
            "intel", VtdRules.of(rules),
            "vfio", VfioRules.of(rules)));
    return parts;
  }

  private static void compare(
      String name, @Nullable Object one, @Nullable Object other, Set<String> names) {
    if (Objects.equals(one, other)) {
      return;
    }
    if (one instanceof Record && other instanceof Record && isOfRules(one)) {
      for (RecordComponent component : one.getClass().getRecordComponents()) {
        String inner = name + "." + component.getName();
        compare(inner, value(component, one), value(component, other), names);
      }
    } else if (one instanceof Set<?> these && other instanceof Set<?> those) {
      Stream.concat(Sets.difference(these, those).stream(), Sets.difference(those, these).stream())
          .forEach(element -> names.add(name + "." + element));
    } else {
      names.add(name);
    }
  }

  /** Tables of words and rows are compared as wholes. */
  private static boolean isOfRules(Object rules) {
    return rules.getClass().getSimpleName().endsWith("Rules")
        || rules.getClass().getSimpleName().endsWith("Quirks");
  }

  private static @Nullable Object value(RecordComponent component, Object of) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
