package org.iommu4j.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedSet;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.regex.Pattern;
import org.iommu4j.architecture.ModuleList.Module;

/** A module exports what another module or its tests need, and nothing else. */
@AnalyzeClasses(packages = "org.iommu4j")
final class ExportsTest {
  private static final Pattern EXPORTS = Pattern.compile("exports ([\\w.]+)");

  private static ImmutableSortedSet<String> exported(Module module) {
    String info = module.name() + "/src/main/java/module-info.java";
    return EXPORTS
        .matcher(ModuleList.read(ModuleList.top().resolve(info)))
        .results()
        .map(result -> result.group(1))
        .collect(ImmutableSortedSet.toImmutableSortedSet(String::compareTo));
  }

  private static boolean isIn(Module module, String packageName) {
    return (packageName + ".").startsWith(module.rootPackage() + ".");
  }

  @ArchTest
  static void whatIsExportedIsUsed(JavaClasses classes) {
    ImmutableSetMultimap.Builder<String, String> users = ImmutableSetMultimap.builder();
    for (JavaClass user : classes) {
      for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
        users.put(dependency.getTargetClass().getPackageName(), user.getPackageName());
      }
    }
    ImmutableSetMultimap<String, String> usersOf = users.build();
    for (Module module : ModuleList.read()) {
      assertEquals(
          ImmutableSortedSet.of(),
          exported(module).stream()
              .filter(name -> usersOf.get(name).stream().allMatch(user -> isIn(module, user)))
              .collect(ImmutableSortedSet.toImmutableSortedSet(String::compareTo)),
          module.name() + " exports what no other module uses");
    }
  }
}
