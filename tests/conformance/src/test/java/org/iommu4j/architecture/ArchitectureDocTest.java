package org.iommu4j.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Lists;
import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.iommu4j.architecture.ModuleList.Module;
import org.junit.jupiter.api.Test;

/** {@code ARCHITECTURE.md} says what is there: the same modules, the same imports. */
final class ArchitectureDocTest {
  private static final Pattern MODULE = Pattern.compile("<module>([\\w-]+)</module>");
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          "<dependency>\\s*<groupId>org\\.iommu4j</groupId>\\s*<artifactId>([\\w-]+)</artifactId>"
              + "\\s*</dependency>");
  private static final Pattern REQUIRES =
      Pattern.compile("requires (?:static )?(?:transitive )?(org\\.iommu4j[\\w.]*);");
  private static final Pattern NAME = Pattern.compile("module ([\\w.]+) \\{");

  private static List<String> find(Pattern pattern, String file) {
    return pattern
        .matcher(ModuleList.read(ModuleList.top().resolve(file)))
        .results()
        .map((MatchResult result) -> result.group(1))
        .toList();
  }

  @Test
  void theListHasTheModulesOfTheBuildFromTopToBottom() {
    List<String> built = new ArrayList<>(find(MODULE, "pom.xml"));
    assertTrue(built.remove("tests"));
    assertTrue(built.remove("bench"));
    List<String> listed = ModuleList.read().stream().map(Module::name).toList();
    assertEquals(ImmutableSortedSet.copyOf(built), ImmutableSortedSet.copyOf(listed));
  }

  @Test
  void anImportGoesDownTheListOnly() {
    Set<String> below = Sets.newHashSet();
    for (Module module : Lists.reverse(ModuleList.read())) {
      assertTrue(below.containsAll(module.mayImport()), module.toString());
      below.add(module.name());
    }
  }

  @Test
  void everyPomHasTheImportsOfTheList() {
    for (Module module : ModuleList.read()) {
      List<String> found = find(DEPENDENCY, module.name() + "/pom.xml");
      assertEquals(module.mayImport(), ImmutableSortedSet.copyOf(found), module.name());
    }
  }

  @Test
  void everyModuleInfoHasItsNameAndNoOtherImports() {
    for (Module module : ModuleList.read()) {
      String file = module.name() + "/src/main/java/module-info.java";
      assertEquals(List.of(module.rootPackage()), find(NAME, file));
      for (String required : find(REQUIRES, file)) {
        assertTrue(
            module.mayImport().stream()
                .map(name -> ModuleList.named(name).rootPackage())
                .anyMatch(required::equals),
            module.name() + " requires " + required);
      }
    }
  }
}
