package org.iommu4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;

/** Prints a tree of JSON nodes, or of maps, lists and values, the same way on every system. */
final class JsonPrinter {
  private static final DefaultPrettyPrinter PRINTER =
      new DefaultPrettyPrinter(
              Separators.createDefaultInstance().withObjectFieldValueSpacing(Spacing.AFTER))
          .withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"));

  private JsonPrinter() {}

  static ImmutableList<String> lines(Object tree) {
    try {
      return ImmutableList.of(new ObjectMapper().writer(PRINTER).writeValueAsString(tree));
    } catch (JsonProcessingException e) {
      throw new AssertionError("such a tree cannot fail to print", e);
    }
  }
}
