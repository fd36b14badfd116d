package org.iommu4j.machine.input;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * Says that a file cannot be what it should be.
 *
 * <p>Its message names the file, the place in it and the rule that it breaks. Every reader of
 * outside data throws this type and no other for bad data.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int DETAIL_LIMIT = 160;

  private final String message;
  private final String file;
  private final String place;
  private final String rule;
  private final String detail;

  private BadInputException(String file, String place, String rule, String detail) {
    this.message = printable(file) + ", " + place + ": " + rule + ": " + printable(detail);
    this.file = file;
    this.place = place;
    this.rule = rule;
    this.detail = detail;
  }

  /**
   * Returns the exception for a file that is bad from this byte on.
   *
   * @param file the file, as its reader knows it
   * @param offsetBytes the offset from the start of the file
   * @param rule what every such file keeps to
   * @param detail what was found instead; shortened and made printable
   */
  public static BadInputException atOffset(
      String file, long offsetBytes, String rule, String detail) {
    return new BadInputException(file, "offset 0x" + Long.toHexString(offsetBytes), rule, detail);
  }

  /**
   * Returns the exception for a file that cannot be read or written.
   *
   * @param file the file, as its reader knows it
   * @param rule what is asked of every such file
   * @param cause what the system says
   */
  public static BadInputException of(String file, String rule, IOException cause) {
    return atOffset(file, 0, rule, words(cause));
  }

  /** Returns what went wrong without the names of Java's classes, and without the file again. */
  static String words(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof EOFException) {
      return "it ends too early";
    }
    String reason =
        cause instanceof FileSystemException ofFile ? ofFile.getReason() : cause.getMessage();
    return reason == null ? "the system refuses it" : reason;
  }

  /**
   * Returns the same exception for a reader that knows the file by its path in a tree.
   *
   * @param tree where the tree came from
   */
  public BadInputException within(String tree) {
    return new BadInputException(tree + "/" + file, place, rule, detail);
  }

  /**
   * Returns the exception for a bad line of a text.
   *
   * @param file the file, as its reader knows it
   * @param line the number of the line, from 1 on
   * @param rule what every such line keeps to
   * @param detail what was found instead; shortened and made printable
   */
  public static BadInputException atLine(String file, int line, String rule, String detail) {
    return new BadInputException(file, "line " + line, rule, detail);
  }

  /** Returns file, place, rule and what was found instead, in one line. */
  @Override
  public String getMessage() {
    return message;
  }

  /** Returns the file, as its reader knows it. */
  public String file() {
    return file;
  }

  /** Returns the place in the file: {@code offset 0x...} or {@code line N}. */
  public String place() {
    return place;
  }

  /** Returns the rule that the file breaks. */
  public String rule() {
    return rule;
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < text.length() && at < DETAIL_LIMIT; at++) {
      char c = text.charAt(at);
      out.append(Character.isISOControl(c) ? String.format("\\x%02x", (int) c) : c);
    }
    return text.length() > DETAIL_LIMIT ? out + "..." : out.toString();
  }
}
