package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/drivers.md} shows the code that these tests run, and nothing else. */
final class DriversDocTest {
  @Test
  void thePageShowsWhatRuns() {
    List<String> run = DocSnippets.run("EduDriverTest", "RingNicDriver", "RingNicDriverTest");
    assertTrue(run.size() >= 5, run::toString);
    assertEquals(run, DocSnippets.shown("docs/drivers.md"));
  }
}
