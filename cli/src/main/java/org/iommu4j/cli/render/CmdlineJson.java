package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.machine.CommandLine;

/** The verdicts on the words of a command line as JSON, see {@code docs/json.md}. */
public final class CmdlineJson {
  private CmdlineJson() {}

  /** Returns the verdicts in the order of the line. */
  public static ObjectNode of(Release release, CommandLine line, List<WordVerdict> verdicts) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("kernel", release.series());
    root.put("commandLine", line.text());
    ArrayNode words = root.putArray("words");
    for (WordVerdict verdict : verdicts) {
      words
          .addObject()
          .put("word", verdict.qualified())
          .put("offset", verdict.offset())
          .put("verdict", verdict.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .put("effect", verdict.effect())
          .put("overriddenBy", verdict.overriddenBy())
          .put("source", verdict.source());
    }
    return root;
  }
}
