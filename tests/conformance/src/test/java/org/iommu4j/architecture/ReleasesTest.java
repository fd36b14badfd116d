package org.iommu4j.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.google.common.collect.ImmutableSet;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.iommu4j.base.Release;

/** Nothing compares releases but the classes that say what a release is. */
@AnalyzeClasses(packages = "org.iommu4j", importOptions = MainClasses.class)
final class ReleasesTest {
  private static final String BASE = "org.iommu4j.base..";
  private static final String RELEASE = "..release..";

  /** What may be asked of a release anywhere: how it is written, never which one it is. */
  private static final ImmutableSet<String> WRITING =
      ImmutableSet.of("parse", "parseName", "text", "series", "tag", "toString", "ASSUMED");

  @ArchTest
  static final ArchRule RELEASES_ARE_COMPARED_BY_RELEASE_PACKAGES_ALONE =
      noClasses()
          .that()
          .resideOutsideOfPackages(BASE, RELEASE)
          .should()
          .accessTargetWhere(describe("a release is asked which one it is", ReleasesTest::judges));

  @ArchTest
  static final ArchRule NO_OTHER_LEARNS_A_RELEASES_NUMBER =
      noClasses()
          .that()
          .resideOutsideOfPackage(RELEASE)
          .should()
          .dependOnClassesThat()
          .haveNameMatching(".*\\.release\\.[A-Za-z]+\\d+(\\$.*)?");

  private static boolean judges(JavaAccess<?> access) {
    return access.getTargetOwner().isEquivalentTo(Release.class)
        && !WRITING.contains(access.getName());
  }
}
