package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/vfio.md} shows the code that these tests run, and nothing else. */
final class VfioDocTest {
  @Test
  void thePageShowsWhatRuns() {
    List<String> run =
        DocSnippets.run("HandedOut", "GuestStoryTest", "PollModeDriver", "UserSpaceDriverTest");
    assertTrue(run.size() >= 7, run::toString);
    assertEquals(run, DocSnippets.shown("docs/vfio.md"));
  }
}
