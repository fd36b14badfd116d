package org.iommu4j.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.machine.CommandLine.Parameter;
import org.junit.jupiter.api.Test;

class CommandLineRoundTripTest {
  record Written(String name, String value, boolean quoted) {
    String print() {
      return quoted ? name + "=\"" + value + "\"" : name + "=" + value.replace(' ', '_');
    }

    String expected() {
      return quoted ? value : value.replace(' ', '_');
    }
  }

  @Provide
  Arbitrary<List<Written>> parameters() {
    Arbitrary<String> name =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withChars("_-.")
            .ofMinLength(1)
            .ofMaxLength(9);
    Arbitrary<String> value =
        Arbitraries.strings().withCharRange('a', 'z').withChars("=, ;:@0").ofMaxLength(12);
    return Combinators.combine(name, value, Arbitraries.of(true, false))
        .as(Written::new)
        .list()
        .ofMaxSize(12);
  }

  @Property
  void whatIsPrintedIsReadBack(@ForAll("parameters") List<Written> written) {
    String text = written.stream().map(Written::print).collect(Collectors.joining("  "));
    CommandLine line = CommandLine.parse(text);
    assertEquals(written.size(), line.parameters().size());
    for (int i = 0; i < written.size(); i++) {
      Parameter read = line.parameters().get(i);
      assertEquals(written.get(i).name(), read.name());
      assertEquals(written.get(i).expected(), read.value());
      assertTrue(text.startsWith(written.get(i).expected(), read.valueOffset()));
    }
  }

  @Property
  void aLinePrintsAsItselfAndReadsTheSame(@ForAll String text) {
    CommandLine once = CommandLine.parse(text);
    CommandLine twice = CommandLine.parse(once.toString());
    assertEquals(once.text(), twice.text());
    assertEquals(once.parameters(), twice.parameters());
  }

  @Test
  void anEqualsSignThatLeadsBelongsToTheName() {
    Parameter parameter = CommandLine.parse("=a=b").parameters().get(0);
    assertEquals("=a", parameter.name());
    assertEquals("b", parameter.value());
    assertNull(CommandLine.parse("=a").parameters().get(0).value());
  }
}
