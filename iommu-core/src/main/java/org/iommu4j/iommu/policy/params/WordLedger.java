package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * What words did, entered in the kernel's order: which variables they set, what was logged, and so
 * which word a later one takes back. Not thread-safe.
 */
public final class WordLedger {
  private record Entry(
      ParameterWord word,
      Verdict verdict,
      String effect,
      ImmutableMap<String, String> sets,
      String source) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, String> variables = new LinkedHashMap<>();
  private final ImmutableList.Builder<String> logLines = ImmutableList.builder();

  /** Creates an empty ledger. */
  public WordLedger() {}

  /** Enters a word that sets nothing. */
  public void note(ParameterWord word, Verdict verdict, String effect, String source) {
    entries.add(new Entry(word, verdict, effect, ImmutableMap.of(), source));
  }

  /** Enters a word that a rule matched: its variables are set and its line is logged. */
  public void enter(ParameterWord word, WordRule rule, String source) {
    variables.putAll(rule.sets());
    if (rule.log() != null) {
      logLines.add(rule.log());
    }
    if (!rule.effect().isEmpty()) {
      entries.add(new Entry(word, rule.verdict(), rule.effect(), rule.sets(), source));
    }
  }

  /** Logs a line. */
  public void log(String line) {
    logLines.add(line);
  }

  /**
   * Returns the variables that were set, by the kernel's names, with the values they ended with.
   */
  public ImmutableMap<String, String> variables() {
    return ImmutableMap.copyOf(variables);
  }

  /** Returns what was logged, in order. */
  public ImmutableList<String> logLines() {
    return logLines.build();
  }

  /** Returns a verdict for every word entered, in order. */
  public ImmutableList<WordVerdict> verdicts() {
    ImmutableList.Builder<WordVerdict> verdicts = ImmutableList.builder();
    for (int i = 0; i < entries.size(); i++) {
      verdicts.add(verdict(i));
    }
    return verdicts.build();
  }

  private WordVerdict verdict(int index) {
    Entry entry = entries.get(index);
    String by = null;
    Verdict verdict = entry.verdict();
    StringBuilder effect = new StringBuilder(entry.effect());
    boolean first = true;
    for (String variable : entry.sets().keySet()) {
      Entry later = overrider(index, variable);
      if (first && later != null && verdict != Verdict.NO_EFFECT_HERE) {
        verdict = Verdict.OVERRIDDEN;
        by = later.word().qualified();
      } else if (!first && (later != null) != (by != null)) {
        effect.append("; ").append(remark(variable, later));
      }
      first = false;
    }
    ParameterWord word = entry.word();
    return new WordVerdict(
        word.parameterIndex(),
        word.parameter(),
        word.text(),
        word.offset(),
        verdict,
        effect.toString(),
        by,
        entry.source());
  }

  private static String remark(String variable, @Nullable Entry later) {
    return later == null
        ? variable + " stays as it sets it"
        : variable + " is taken back by " + later.word().qualified();
  }

  /** Returns the last word that sets the variable if it differs, else the first that differs. */
  private @Nullable Entry overrider(int index, String variable) {
    String mine = entries.get(index).sets().get(variable);
    Entry firstOther = null;
    Entry last = null;
    for (Entry later : entries.subList(index + 1, entries.size())) {
      String theirs = later.sets().get(variable);
      if (theirs == null) {
        continue;
      }
      last = later;
      firstOther = firstOther == null && !theirs.equals(mine) ? later : firstOther;
    }
    boolean lastDiffers = last != null && !last.sets().getOrDefault(variable, "").equals(mine);
    return lastDiffers ? last : firstOther;
  }
}
