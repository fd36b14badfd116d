package org.iommu4j.vfio.type1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RedBlackTreeTest {
  /** A node with a number. */
  private static final class Numbered extends RedBlackTree.Node {
    private final int number;

    Numbered(int number) {
      this.number = number;
    }
  }

  private final RedBlackTree<Numbered> tree = new RedBlackTree<>();

  private Numbered add(int number) {
    Numbered added = new Numbered(number);
    Numbered under = null;
    boolean onLeft = false;
    for (Numbered at = tree.root(); at != null; at = onLeft ? tree.left(at) : tree.right(at)) {
      under = at;
      onLeft = number < at.number;
    }
    tree.link(added, under, onLeft);
    return added;
  }

  private String shape(@Nullable Numbered node) {
    return node == null
        ? "."
        : "(" + shape(tree.left(node)) + node.number + shape(tree.right(node)) + ")";
  }

  private int height(@Nullable Numbered node) {
    return node == null ? 0 : 1 + Math.max(height(tree.left(node)), height(tree.right(node)));
  }

  @Test
  void growsAndShrinksAsTheBooksSay() {
    List<Numbered> nodes = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      nodes.add(add(i));
    }
    assertEquals("(((.1.)2(.3.))4((.5.)6(.7(.8.))))", shape(tree.root()));
    tree.unlink(nodes.get(3));
    assertEquals("(((.1.)2(.3.))5((.6.)7(.8.)))", shape(tree.root()));
    tree.unlink(nodes.get(0));
    tree.unlink(nodes.get(1));
    assertEquals("((.3.)5((.6.)7(.8.)))", shape(tree.root()));
  }

  @Test
  void staysSortedAndLowWhateverComesAndGoes() {
    Random random = new Random(7);
    Map<Integer, Numbered> present = new TreeMap<>();
    for (int step = 0; step < 20_000; step++) {
      int number = random.nextInt(400);
      Numbered known = present.remove(number);
      if (known == null) {
        present.put(number, add(number));
      } else {
        tree.unlink(known);
      }
      if (step % 50 == 0) {
        assertSame(present);
      }
    }
    for (Numbered node : List.copyOf(present.values())) {
      tree.unlink(node);
    }
    assertNull(tree.root());
    assertTrue(tree.isEmpty());
  }

  private void assertSame(Map<Integer, Numbered> present) {
    List<Integer> order = new ArrayList<>();
    for (Numbered at = tree.first(); at != null; at = tree.next(at)) {
      order.add(at.number);
    }
    assertEquals(List.copyOf(present.keySet()), order);
    int most = (int) (2 * Math.log(present.size() + 1) / Math.log(2)) + 1;
    assertTrue(height(tree.root()) <= most);
  }
}
