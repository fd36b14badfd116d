package org.iommu4j.iommu.policy.params;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A word that people write, and what is true of it.
 *
 * @param parameter the parameter's name
 * @param word the value it is about, or null for any value and for none
 * @param verdict what becomes of it
 * @param effect what it does or does not do, and what to write instead
 * @param source where the kernel reads it, or who does
 * @param needs the configuration option without which nothing reads it, or null
 */
@Immutable
public record KnownWord(
    String parameter,
    @Nullable String word,
    Verdict verdict,
    String effect,
    String source,
    @Nullable String needs) {}
