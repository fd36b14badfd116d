package org.iommu4j.machine.input;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import java.util.Optional;

/** A tree that is a directory of another tree. */
final class SubTree implements FactTree {
  private static final ImmutableSet<String> TOP =
      ImmutableSet.of("proc", "sys", "boot", "machine.properties");

  private final FactTree whole;
  private final String prefix;

  private SubTree(FactTree whole, String prefix) {
    this.whole = whole;
    this.prefix = prefix;
  }

  /** Returns the tree, or its only directory if all of the machine lies in that. */
  static FactTree withoutOuterDirectory(FactTree tree) {
    if (looksLikeMachine(tree)) {
      return tree;
    }
    ImmutableSortedSet<String> names = tree.list("");
    if (names.size() == 1) {
      FactTree inner = new SubTree(tree, names.first() + "/");
      if (looksLikeMachine(inner)) {
        return inner;
      }
    }
    throw BadInputException.atOffset(
        tree.name(),
        0,
        "a machine has proc, sys, boot or machine.properties at its top",
        "found " + (names.isEmpty() ? "nothing" : String.join(" ", names)));
  }

  private static boolean looksLikeMachine(FactTree tree) {
    return tree.list("").stream().anyMatch(TOP::contains);
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public FactFile read(String path, int limitBytes) {
    return whole.read(prefix + path, limitBytes).at(path);
  }

  @Override
  public Optional<String> linkName(String path) {
    return whole.linkName(prefix + path);
  }

  @Override
  public ImmutableSortedSet<String> list(String path) {
    return whole.list(prefix + path);
  }
}
