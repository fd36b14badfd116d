package org.iommu4j.machine.input;

/**
 * What the header of a tar member says.
 *
 * @param name the member's name as written
 * @param linkName what it links to, or empty
 * @param type the type flag
 * @param sizeBytes the size of its content, not negative
 */
record TarHeader(String name, String linkName, char type, long sizeBytes) {}
