package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.iommu.spi.TableWalk.Field;
import org.iommu4j.iommu.spi.TableWalk.Outcome;
import org.iommu4j.iommu.spi.TableWalk.Word;
import org.jspecify.annotations.Nullable;

/** How an address is translated as JSON, see {@code docs/json.md}. */
public final class WalkJson {
  private WalkJson() {}

  /** Returns the question, the entries and what becomes of an access. */
  public static ObjectNode of(WalkText.Asked asked, TableWalk walk) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("source", asked.place());
    root.put(
        "device", asked.device().map(device -> device.decided().address().toString()).orElse(null));
    root.put("iova", hex(asked.iova()));
    ArrayNode entries = root.putArray("entries");
    for (Entry entry : walk.entries()) {
      ObjectNode node = entries.addObject();
      node.put("name", entry.name());
      node.put("phys", hex(entry.phys()));
      ArrayNode words = node.putArray("words");
      entry.words().forEach(word -> add(words.addObject(), word));
      node.put("leadsTo", entry.leadsTo());
    }
    root.set("read", outcome(walk.read()));
    root.set("write", outcome(walk.write()));
    ArrayNode notes = root.putArray("notes");
    walk.notes().forEach(notes::add);
    return root;
  }

  private static void add(ObjectNode node, Word word) {
    node.put("bits", hex(word.bits()));
    ArrayNode fields = node.putArray("fields");
    for (Field field : word.fields()) {
      fields
          .addObject()
          .put("name", field.name())
          .put("value", hex(field.value()))
          .put("meaning", field.meaning());
    }
  }

  private static ObjectNode outcome(Outcome outcome) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("phys", hexOrNull(outcome.phys()))
        .put("pageBytes", outcome.pageBytes())
        .put("faultReason", hexOrNull(outcome.faultReason()))
        .put("words", outcome.words());
  }

  private static @Nullable String hexOrNull(@Nullable Number value) {
    return value == null ? null : hex(value.longValue());
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
