package org.iommu4j.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.iommu4j.architecture.ModuleList.Module;
import org.junit.jupiter.api.Test;

/** Nothing below the command says a vendor's word: its name, or those of its tables and units. */
final class VendorWordsTest {
  private static final Pattern WORD =
      Pattern.compile(
          "(?i)(?<![a-z])(?:intel|dmar|vt-?d|drhd|rmrr|atsr|rhsa|igfx"
              + "|amd(?!64)|ivrs|ivhd|virtio|viot|smmu|iort)(?![a-z])");

  private static final ImmutableSet<String> SPEAKERS =
      ImmutableSet.of("cli", "intel-vtd", "amd-vi");

  /** Tables that have such words because the kernel has them, and why. */
  private static final ImmutableMap<String, String> TABLES =
      ImmutableMap.<String, String>builder()
          .put("iommu-core/KnownWordTable", "words of the command line")
          .put("iommu-core/KnownWords", "words of the command line")
          .put("iommu-core/IommuWords", "words of the command line")
          .put("iommu-core/PciWords", "words of the command line")
          .put("machine/AcsClaim", "names of the kernel's quirks")
          .put("machine/AtsQuirks", "names of the kernel's quirks")
          .put("machine/ClassQuirks", "names of the kernel's quirks")
          .put("machine/IommuFacts", "where the facts of each vendor lie")
          .put("vfio/Vfio612", "names of the kernel's drivers")
          .put("bounce/BounceCalls", "the file that has the kernel's functions")
          .build();

  private static ImmutableSortedMap<String, Integer> found() {
    ImmutableSortedMap.Builder<String, Integer> found = ImmutableSortedMap.naturalOrder();
    for (Module module : ModuleList.read()) {
      for (Path source : MainSources.of(module.name())) {
        String name = source.getFileName().toString().replace(".java", "");
        List<String> literals = StringLiterals.of(ModuleList.read(source));
        int words = (int) literals.stream().filter(WORD.asPredicate()).count();
        if (words > 0 && !SPEAKERS.contains(module.name())) {
          found.put(module.name() + "/" + name, words);
        }
      }
    }
    return found.build();
  }

  @Test
  void nobodyElseSaysThem() {
    ImmutableMap<String, Integer> unlisted =
        ImmutableMap.copyOf(Maps.filterKeys(found(), source -> !TABLES.containsKey(source)));
    assertEquals(ImmutableMap.of(), unlisted, "sources with a vendor's words, and how many");
  }

  @Test
  void everyTableHasSome() {
    assertTrue(found().keySet().containsAll(TABLES.keySet()), "a table needs no place in the list");
  }

  @Test
  void commentsAndCharactersAreNoLiterals() {
    assertEquals(
        List.of("a // b", "c\\\"d", "e"),
        StringLiterals.of("// \"x\"\n\"a // b\" /* \"y\" */ '\"' \"c\\\"d\" '\\'' \"e\""));
  }
}
