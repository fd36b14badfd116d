package org.iommu4j.cli;

/** The entry point of the {@code iommu4j} command. */
public final class Main {
  private Main() {}

  /** Runs the command. */
  public static void main(String[] args) {}
}
