package org.iommu4j.architecture;

import com.google.common.collect.ImmutableSet;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The classes that are published, wherever they were compiled to: their source is no test's. */
final class MainClasses implements ImportOption {
  private static final Pattern CLASS_FILE =
      Pattern.compile(".*/(org/iommu4j/[\\w/-]+)(?:\\$[^/]*)?\\.class");

  private final ImmutableSet<String> sources =
      MainSources.ofAll().stream()
          .map(MainClasses::className)
          .collect(ImmutableSet.toImmutableSet());

  private static String className(Path source) {
    String name = source.toString().replace('\\', '/');
    return name.substring(name.lastIndexOf("/java/") + "/java/".length(), name.lastIndexOf('.'));
  }

  @Override
  public boolean includes(Location location) {
    Matcher matcher = CLASS_FILE.matcher(location.asURI().toString());
    return matcher.matches() && sources.contains(matcher.group(1));
  }
}
