package org.iommu4j.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.google.common.collect.ImmutableList;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.iommu4j.architecture.ModuleList.Module;

/** What may use what. */
@AnalyzeClasses(packages = "org.iommu4j", importOptions = MainClasses.class)
final class LayeringTest {
  private static final String CORE = "org.iommu4j.iommu";
  private static final ImmutableList<String> VENDORS =
      ImmutableList.of("org.iommu4j.vtd", "org.iommu4j.amdvi");
  private static final String EVIDENCE = "org.iommu4j.evidence..";
  private static final String ANSWERS = "org.iommu4j.evidence.answers..";
  private static final String POLICY = CORE + ".policy..";

  @ArchTest
  static void everyModuleUsesWhatTheListAllows(JavaClasses classes) {
    for (Module module : ModuleList.read()) {
      String[] forbidden =
          ModuleList.read().stream()
              .filter(other -> !other.equals(module))
              .filter(other -> !module.mayImport().contains(other.name()))
              .map(other -> other.rootPackage() + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(module.rootPackage() + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden)
          .allowEmptyShould(true)
          .check(classes);
    }
  }

  @ArchTest
  static void everyPackageLiesInItsModule(JavaClasses classes) {
    String[] roots =
        Stream.concat(
                ModuleList.read().stream().map(Module::rootPackage),
                Stream.of("org.iommu4j.testkit"))
            .map(root -> root + "..")
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(roots).check(classes);
  }

  @ArchTest
  static final ArchRule PACKAGES_FORM_NO_CIRCLE =
      slices().matching("org.iommu4j.(**)").should().beFreeOfCycles();

  @ArchTest
  static void vendorsAreNamedByTheCommandAlone(JavaClasses classes) {
    for (String vendor : VENDORS) {
      noClasses()
          .that()
          .resideOutsideOfPackages(vendor + "..", "org.iommu4j.cli..", "org.iommu4j.bench..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(vendor + "..")
          .because("a vendor is found by ServiceLoader")
          .check(classes);
    }
  }

  @ArchTest
  static final ArchRule NOTHING_THAT_DECIDES_SEES_EVIDENCE =
      noClasses()
          .that()
          .resideOutsideOfPackages(EVIDENCE, "org.iommu4j.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EVIDENCE)
          .because("what a kernel answered is no fact");

  @ArchTest
  static final ArchRule ANSWERS_ARE_COMPARED_AND_NEVER_USED =
      noClasses()
          .that()
          .resideOutsideOfPackages(ANSWERS, "org.iommu4j.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ANSWERS)
          .because("a prediction that reads an answer is none");

  @ArchTest
  static final ArchRule ONLY_VERIFY_AND_CAPTURE_USE_ANSWERS =
      noClasses()
          .that()
          .resideInAPackage("org.iommu4j.cli..")
          .and()
          .haveNameNotMatching(".*\\.(Verify|Capture)\\w*(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ANSWERS);

  @ArchTest
  static final ArchRule FACTS_KNOW_NO_DECISION =
      noClasses()
          .that()
          .resideInAnyPackage("org.iommu4j.machine..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(POLICY, CORE + ".spi..", CORE, ANSWERS);

  @ArchTest
  static final ArchRule POLICIES_ARE_PURE =
      noClasses()
          .that()
          .resideInAnyPackage(POLICY, "org.iommu4j.vtd.policy..", "org.iommu4j.vfio.policy..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.iommu4j.machine.input..",
              "java.io..",
              "java.net..",
              "java.nio..",
              "java.time..",
              "java.util.concurrent..");

  @ArchTest
  static final ArchRule RENDERING_KNOWS_NO_COMMAND =
      noClasses()
          .that()
          .resideInAPackage("org.iommu4j.cli.render..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.iommu4j.cli", "picocli..");

  @ArchTest
  static final ArchRule TIME_COMES_FROM_OUTSIDE =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.iommu4j.cli..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");
}
