package org.iommu4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;

/** Prints JSON the same way on every system. */
final class JsonPrinter {
  private static final DefaultPrettyPrinter PRINTER =
      new DefaultPrettyPrinter()
          .withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"));

  private JsonPrinter() {}

  static ImmutableList<String> lines(JsonNode node) {
    try {
      return ImmutableList.of(new ObjectMapper().writer(PRINTER).writeValueAsString(node));
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree of JSON nodes cannot fail to print", e);
    }
  }
}
